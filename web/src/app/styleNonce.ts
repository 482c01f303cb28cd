/**
 * The nonce with which the page's Content-Security-Policy lets style elements be made. The web image's nginx puts a new
 * one into every response; where no policy is sent it means nothing.
 */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? "";

declare global {
  /** Where Mantine's scroll lock, which knows nothing of MantineProvider, looks for it. */
  var __webpack_nonce__: string | undefined;
}

globalThis.__webpack_nonce__ = styleNonce;
