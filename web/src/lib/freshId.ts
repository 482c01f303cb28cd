/** A name for a request, so that it can be repeated. (`crypto.randomUUID` is for secure origins only.) */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
