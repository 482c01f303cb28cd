import { type AddressSearch, oneOf, readAddress, text } from "@/lib/address";

/** What the address says: which dead letters, and whether they are shown one by one (else by their cause). */
export type LetterFilters = {
  service?: string;
  topic?: string;
  cause?: string;
  task_id?: string;
  q?: string;
  view?: "each";
};

export const letterFilters = (search: AddressSearch) =>
  readAddress<LetterFilters>(search, {
    service: text,
    topic: text,
    cause: text,
    task_id: text,
    q: text,
    view: oneOf(["each"]),
  });

/** Whether single dead letters are shown: they are asked for, or what chooses some of them. */
export function isEach({ view, ...filters }: LetterFilters): boolean {
  return view === "each" || Object.values(filters).some(Boolean);
}
