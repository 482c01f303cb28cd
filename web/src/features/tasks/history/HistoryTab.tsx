import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Empty, Failed, Loading } from "@/components/ListStates";
import { Pager } from "@/components/Pager";
import { useInstants } from "@/lib/instant";
import { Problem } from "@/lib/problem";
import classes from "./History.module.css";
import { historyQuery } from "./queries";
import { RevertDialog } from "./RevertDialog";
import { RevisionItem } from "./RevisionItem";
import { VersionView } from "./VersionView";

type Shown = { cursor?: string; version?: string };
type Props = {
  taskId: string;
  zone?: string | null;
  etag?: string;
  isThere: boolean;
  shown: Shown;
  onShow: (shown: Shown) => void;
};

/** What a task has been, version by version, and the way back to one. */
export function HistoryTab({ taskId, zone, etag, isThere, shown, onShow }: Props) {
  const { cursor, version } = shown;
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery(historyQuery(taskId, cursor));
  const { zone: shownZone } = useInstants(zone);
  const [reverted, setReverted] = useState<number | null>(null);
  if (isPending) return <Loading label="Loading the history" />;
  if (!data && error instanceof Problem && error.status === 404) {
    return (
      <div className="sheet">
        <Empty title="There is no history">{error.message}</Empty>
      </div>
    );
  }
  if (!data) {
    return <Failed title="The history can't be shown" error={error} onRetry={() => void refetch()} />;
  }
  const open = version ? Number(version) : null;
  const isListed = data.items.some((one) => one.version === open);
  return (
    <>
      <p className="dim small">The newest version first. Times are in {shownZone}.</p>
      <div className="sheet" aria-busy={isPlaceholderData}>
        {open !== null && !isListed && (
          <section className={classes.item} aria-label={`Version ${open}`}>
            <strong className="num">Version {open}</strong>
            <VersionView taskId={taskId} version={open} />
          </section>
        )}
        {data.items.length === 0 && !cursor && (
          <Empty title="There is no history">
            Each change of the task makes a version, which shows here.
          </Empty>
        )}
        <ol className={classes.list} aria-label="Versions">
          {data.items.map((revision, i) => (
            <RevisionItem
              key={revision.version}
              {...{ revision, taskId, zone }}
              isNewest={i === 0 && !cursor && isThere}
              isOpen={revision.version === open}
              onOpen={() =>
                onShow({ cursor, version: revision.version === open ? undefined : String(revision.version) })
              }
              onRevert={() => setReverted(revision.version)}
            />
          ))}
        </ol>
        <Pager cursor={cursor} next={data.next_cursor} onCursor={(next) => onShow({ cursor: next })} />
      </div>
      {reverted !== null && (
        <RevertDialog
          key={reverted}
          {...{ taskId, etag, isThere }}
          version={reverted}
          onClose={() => setReverted(null)}
        />
      )}
    </>
  );
}
