import { useState } from "react";
import { OnDemand, part } from "@/components/OnDemand";
import type { BulkAction } from "@/lib/changeSets/changeSet";
import { askedSpread, hides, type TaskFilters } from "../list/filters";
import { BulkBar } from "./BulkBar";
import { type Target, wholeOf } from "./target";
import type { Selection } from "./useSelection";

const dialog = part("The bulk action", () => import("./BulkDialog").then((module) => module.BulkDialog));

type Props = {
  filters: TaskFilters;
  selection: Selection;
  /** There are tasks on other pages. */
  hasMore: boolean;
  /** What the address asked for is over. */
  onAnswered: () => void;
};

type Asked = { action: BulkAction; target: Target; spread?: string };

/** What is done to many tasks: to those selected, or to those that the address asks for. */
export function BulkActions({ filters, selection, hasMore, onAnswered }: Props) {
  const [picked, setPicked] = useState<Asked | null>(null);
  const spread = askedSpread(filters);
  const asked: Asked | null = spread ? { action: "spread", target: wholeOf(filters), spread } : picked;
  const close = () => {
    setPicked(null);
    if (spread) onAnswered();
  };
  const whole = hasMore
    ? {
        label: hides(filters) ? "Select all that match this filter" : "Select all tasks",
        reasonAgainst: filters.late ? "“Late only” changes by the second: only rows can be selected" : null,
      }
    : null;
  return (
    <>
      <BulkBar
        selection={selection}
        whole={whole}
        onPick={(action) =>
          setPicked({ action, target: selection.isWhole ? wholeOf(filters) : { ids: selection.ids } })
        }
      />
      {asked && (
        <OnDemand
          part={dialog}
          props={{ ...asked, onBegun: selection.clear, onClose: close }}
          onAbsent={close}
        />
      )}
    </>
  );
}
