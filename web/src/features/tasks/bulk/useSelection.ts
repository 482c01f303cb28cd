import { useCallback, useMemo, useRef, useState } from "react";

export type Selection = {
  /** Of the rows that are shown. */
  ids: readonly string[];
  /** All rows of the page are chosen. */
  isPage: boolean;
  /** Chosen is all that passes the filters, on every page. */
  isWhole: boolean;
  has: (id: string) => boolean;
  /** `isRange`: with all rows from the one that was chosen before. */
  choose: (id: string, isChosen: boolean, isRange: boolean) => void;
  choosePage: (isChosen: boolean) => void;
  chooseWhole: () => void;
  clear: () => void;
};

type State = { list: string; ids: ReadonlySet<string>; isWhole: boolean };
const none: ReadonlySet<string> = new Set();

/** Which rows of a list are chosen. `list` names what is listed: of another one nothing is chosen yet. */
export function useSelection(rows: readonly { id: string }[], list: string): Selection {
  const [state, setState] = useState<State>({ list, ids: none, isWhole: false });
  const anchor = useRef<string>(undefined);
  const shown = useRef(rows);
  shown.current = rows;
  const { ids: kept, isWhole } = state.list === list ? state : { ids: none, isWhole: false };
  const ids = useMemo(
    () => rows.map(({ id }) => id).filter((id) => isWhole || kept.has(id)),
    [rows, kept, isWhole],
  );

  const choose = useCallback(
    (id: string, isChosen: boolean, isRange: boolean) => {
      const all = shown.current.map((row) => row.id);
      const [at, from] = [all.indexOf(id), isRange && anchor.current ? all.indexOf(anchor.current) : -1];
      const meant = from < 0 ? [id] : all.slice(Math.min(at, from), Math.max(at, from) + 1);
      anchor.current = id;
      setState((before) => {
        const isSame = before.list === list;
        const next = new Set(isSame && before.isWhole ? all : isSame ? before.ids : none);
        for (const one of meant) isChosen ? next.add(one) : next.delete(one);
        return { list, ids: next, isWhole: false };
      });
    },
    [list],
  );
  return {
    ids,
    isPage: rows.length > 0 && ids.length === rows.length,
    isWhole,
    has: (id) => isWhole || kept.has(id),
    choose,
    choosePage: (isChosen) =>
      setState({ list, ids: isChosen ? new Set(rows.map(({ id }) => id)) : none, isWhole: false }),
    chooseWhole: () => setState({ list, ids: none, isWhole: true }),
    clear: () => setState({ list, ids: none, isWhole: false }),
  };
}
