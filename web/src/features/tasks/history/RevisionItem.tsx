import { Button } from "@mantine/core";
import { OperatorButton } from "@/components/OperatorButton";
import { RelativeTime } from "@/components/RelativeTime";
import { useInstants } from "@/lib/instant";
import type { Revision } from "@/lib/revision";
import { Changes } from "./Changes";
import classes from "./History.module.css";
import { RevisionMark } from "./RevisionMark";
import { VersionView } from "./VersionView";

const channels = { rest: "the REST API", ui: "the web UI", kafka: "Kafka", import: "an import" };

type Props = {
  revision: Revision;
  taskId: string;
  zone?: string | null;
  isNewest: boolean;
  isOpen: boolean;
  onOpen: () => void;
  onRevert: () => void;
};

/** One version of a task: what made it, who, when and how, what it changed, and itself on request. */
export function RevisionItem({ revision, taskId, zone, isNewest, isOpen, onOpen, onRevert }: Props) {
  const { exact } = useInstants(zone);
  const { version, kind, actor, channel, effective_from, text, changes, changes_left_out } = revision;
  const isEnd = kind === "deleted" || kind === "removed";
  return (
    <li className={classes.item} aria-label={`Version ${version}`}>
      <div className={classes.head}>
        <strong className="num">Version {version}</strong>
        <RevisionMark kind={kind} />
        {isNewest && <span className="dim">the newest</span>}
        <span className={classes.when}>
          <time dateTime={effective_from}>{exact(effective_from)}</time>{" "}
          <span className="dim">
            · <RelativeTime at={effective_from} zone={zone} />
          </span>
        </span>
      </div>
      {(actor || channel) && (
        <div className="dim small">
          {actor && `By ${actor}`}
          {channel && `${actor ? ", through " : "Through "}${channels[channel]}`}
        </div>
      )}
      <p className={classes.text}>{text}</p>
      <Changes changes={changes} leftOut={changes_left_out} />
      <div className={classes.actions}>
        <Button variant="default" size="xs" aria-expanded={isOpen} onClick={onOpen}>
          {isOpen ? "Hide the version" : "Show it whole"}
        </Button>
        {!isNewest && !isEnd && (
          <OperatorButton variant="default" size="xs" icon="back" onClick={onRevert}>
            Revert to this version…
          </OperatorButton>
        )}
      </div>
      {isOpen && <VersionView taskId={taskId} version={version} />}
    </li>
  );
}
