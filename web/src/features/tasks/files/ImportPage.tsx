import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Card } from "@/components/Card";
import { FollowedChangeSet } from "@/components/changeSet/FollowedChangeSet";
import { OperatorButton } from "@/components/OperatorButton";
import { Page } from "@/components/Page";
import { changeSetQuery } from "@/lib/changeSets/queries";
import { textOf } from "@/lib/problem";
import { LeaveGuard } from "../form/leaving/LeaveGuard";
import { ApplyPlan } from "./ApplyPlan";
import { FileSource } from "./FileSource";
import classes from "./ImportPage.module.css";
import { PlanView } from "./PlanView";
import { planImport, type TaskFile } from "./taskFile";

/** A file of tasks: chosen, planned, applied as planned, and taken back. */
export function ImportPage() {
  const client = useQueryClient();
  const [file, setFile] = useState<TaskFile | null>(null);
  const [begunId, setBegunId] = useState<string | null>(null);
  const plan = useMutation({ mutationFn: planImport });

  function again() {
    setBegunId(null);
    setFile(null);
    plan.reset();
  }

  return (
    <Page
      title="Import tasks"
      above={<Link to="/tasks">Tasks</Link>}
      narrow
      actions={
        begunId !== null && (
          <Button variant="default" onClick={again}>
            Import another file
          </Button>
        )
      }
    >
      <LeaveGuard isUnsaved={() => file !== null && begunId === null} />
      <div className={classes.parts}>
        {begunId === null && (
          <>
            <FileSource
              onChange={(next) => {
                setFile(next);
                plan.reset();
              }}
            />
            <div className={classes.plan}>
              <OperatorButton
                disabled={!file}
                loading={plan.isPending}
                onClick={() => file && plan.mutate(file)}
              >
                {plan.data ? "Plan again" : "Show what it would do"}
              </OperatorButton>
              <span className="dim">This changes nothing yet.</span>
            </div>
            {plan.error && (
              <p className={classes.bad} role="alert">
                The file can't be planned: {textOf(plan.error)}
              </p>
            )}
            {plan.data && file && (
              <PlanView plan={plan.data}>
                <ApplyPlan
                  key={plan.data.plan}
                  file={file}
                  plan={plan.data}
                  onBegun={(begun) => {
                    if ("state" in begun) client.setQueryData(changeSetQuery(begun.id).queryKey, begun);
                    setBegunId(begun.id);
                    void client.invalidateQueries();
                  }}
                />
              </PlanView>
            )}
          </>
        )}
        {begunId !== null && (
          <Card title="Import">
            <FollowedChangeSet key={begunId} id={begunId} onUndone={({ id }) => setBegunId(id)} />
          </Card>
        )}
      </div>
    </Page>
  );
}
