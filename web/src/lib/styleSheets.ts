const AGAIN = 3_000; // ms

/**
 * Asks again for style sheets that could not be read, until they come. Vite asks for the style sheet of a part once: who
 * had hovered over a link while the server was gone would see that page without its styles later.
 */
export function retryStyleSheets() {
  const onError = ({ target }: Event) => {
    if (!(target instanceof HTMLLinkElement) || target.rel !== "stylesheet") return;
    setTimeout(() => target.replaceWith(target.cloneNode()), AGAIN);
  };
  document.addEventListener("error", onError, true); // it does not bubble
}
