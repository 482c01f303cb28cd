/** Fields that take text, and lists in which letters choose. */
const TAKES_LETTERS =
  'input:not([type="checkbox"], [type="radio"], [type="button"]), textarea, select, [contenteditable="true"], ' +
  '[role="menu"], [role="listbox"], [role="combobox"]';

/** What a row leads to: each list marks the link of its rows with `data-row-link`. */
const ROW_LINKS = "main [data-row-link]";
const ROW = "tr, li";

/** Whether a key is meant for what has the focus, or for a dialog, and not for the page. */
export function isForField(event: KeyboardEvent): boolean {
  if (event.target instanceof Element && event.target.closest(TAKES_LETTERS)) return true;
  return isDialogOpen();
}

export function isDialogOpen(): boolean {
  return document.querySelector('[aria-modal="true"]') !== null;
}

/** Moves the focus to the next row of the page's list, or to the one before; to the first or last from elsewhere. */
export function moveToRow(step: 1 | -1) {
  const links = [...document.querySelectorAll<HTMLElement>(ROW_LINKS)].filter((one) => one.checkVisibility());
  const row = document.activeElement?.closest(ROW);
  const from = row ? links.findIndex((one) => row.contains(one)) : -1;
  const to = from >= 0 ? links[from + step] : links.at(step > 0 ? 0 : -1);
  to?.focus({ preventScroll: true });
  to?.scrollIntoView({ block: "nearest" });
}

/** Selects the row that has the focus, or takes it back out of the selection. */
export function selectRow() {
  const row = document.activeElement?.closest(ROW);
  row?.querySelector<HTMLInputElement>('input[type="checkbox"]')?.click();
}

/** Puts the cursor into the page's search; false where it has none. */
export function searchPage(): boolean {
  const fields = document.querySelectorAll<HTMLInputElement>('main input[type="search"]');
  const field = [...fields].find((one) => one.checkVisibility());
  field?.focus();
  field?.select();
  return field !== undefined;
}
