import { Switch } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { RunLog } from "./RunLog";
import classes from "./TaskRuns.module.css";
import { useFollowing } from "./useFollowing";

/** The runs of one task, for its page; `zone` is that of its schedule. */
export function TaskRuns({ taskId, zone }: { taskId: string; zone: string | null }) {
  const { isFollowing, isWanted, setWanted } = useFollowing();
  return (
    <>
      <div className={classes.head}>
        <h2>Runs</h2>
        <Link to="/runs" search={{ task_id: taskId }}>
          Open in the execution log
        </Link>
        <Switch label="Follow" checked={isWanted} onChange={(e) => setWanted(e.currentTarget.checked)} />
      </div>
      <div className={`sheet ${classes.sheet}`}>
        <RunLog key={taskId} filters={{ task_id: taskId }} isFollowing={isFollowing} ofTask={{ zone }} />
      </div>
    </>
  );
}
