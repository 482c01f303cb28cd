/** What a field for a local time holds, and the instant that it means: by the browser's clock, or UTC. */

/** "2026-12-24T18:00:00" for an instant. */
export function toLocal(instant: string, isUtc: boolean): string {
  const at = new Date(instant);
  const shifted = isUtc ? at : new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

/** The instant of what a field holds; undefined while it holds none. */
export function toInstant(local: string, isUtc: boolean): string | undefined {
  const at = new Date(isUtc ? `${local}Z` : local);
  return local === "" || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
