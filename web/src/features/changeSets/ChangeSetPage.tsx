import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Banner } from "@/components/Banner";
import { Card } from "@/components/Card";
import { ChangeSetActions } from "@/components/changeSet/ChangeSetActions";
import { ChangeSetProgress } from "@/components/changeSet/ChangeSetProgress";
import { ChangeSetTroubles } from "@/components/changeSet/ChangeSetTroubles";
import { DescriptionItem, DescriptionList } from "@/components/DescriptionList";
import { LeftOut } from "@/components/LeftOut";
import { Failed, Loading } from "@/components/ListStates";
import { Page } from "@/components/Page";
import { Tags } from "@/components/Tags";
import type { Unknown } from "@/lib/address";
import { type ChangeSet, deedOf, subjectOf } from "@/lib/changeSets/changeSet";
import { changeSetQuery } from "@/lib/changeSets/queries";
import { useInstants } from "@/lib/instant";
import { ChangeSetItems } from "./ChangeSetItems";
import classes from "./ChangeSets.module.css";
import type { ItemFilters } from "./filters";

type Props = {
  id: string;
  tabs: ReactNode;
  filters: ItemFilters;
  unknown: readonly Unknown[];
  onFilters: (filters: ItemFilters) => void;
  onUndone: (undo: ChangeSet) => void;
};

/** One change of many tasks: who did it, how far it is, what became of each task, and the way back. */
export function ChangeSetPage({ id, tabs, filters, unknown, onFilters, onUndone }: Props) {
  const { data, error, isPending, refetch } = useQuery(changeSetQuery(id));
  return (
    <Page title="System">
      {tabs}
      <LeftOut unknown={unknown} onClear={() => onFilters(filters)} />
      {isPending && (
        <div className="sheet">
          <Loading label="Loading the change" rows={4} />
        </div>
      )}
      {!data && error && (
        <div className="sheet">
          <Failed title="The change can't be shown" error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {data && (
        <div className={classes.parts}>
          <Card title={deedOf(data)} about={<Link to="/system/change-sets">All changes of many tasks</Link>}>
            <div className={classes.parts}>
              <About of={data} />
              {data.state === "interrupted" && (
                <Banner tone="warn" icon="warn">
                  Nothing was heard of it for 30 seconds: the process that carried it out may have died.
                  {data.kind === "import" && " It goes on when the same file is imported again."}
                </Banner>
              )}
              <ChangeSetProgress of={data} />
              <ChangeSetTroubles of={data} />
              <ChangeSetActions of={data} onUndone={onUndone} asks />
            </div>
          </Card>
          <ChangeSetItems id={id} filters={filters} onFilters={onFilters} />
        </div>
      )}
    </Page>
  );
}

function About({ of }: { of: ChangeSet }) {
  const { exact } = useInstants();
  return (
    <DescriptionList>
      <DescriptionItem name="Which tasks">{subjectOf(of)}</DescriptionItem>
      <DescriptionItem name="Who">
        {of.actor ?? "not known"} <span className="dim">by {of.channel}</span>
      </DescriptionItem>
      {of.note && <DescriptionItem name="Why">{of.note}</DescriptionItem>}
      <DescriptionItem name="Begun">{exact(of.created_at)}</DescriptionItem>
      {of.scope && (
        <DescriptionItem name="Only tasks tagged">
          <Tags tags={of.scope} />
        </DescriptionItem>
      )}
      {of.undoes && (
        <DescriptionItem name="Takes back">
          <OtherChange id={of.undoes} />
        </DescriptionItem>
      )}
      {of.undone_by && (
        <DescriptionItem name="Undone by">
          <OtherChange id={of.undone_by} />
        </DescriptionItem>
      )}
      <DescriptionItem name="Id">
        <span className="mono">{of.id}</span>
      </DescriptionItem>
    </DescriptionList>
  );
}

function OtherChange({ id }: { id: string }) {
  return (
    <Link to="/system/change-sets/$changeSet" params={{ changeSet: id }} className="mono">
      {id}
    </Link>
  );
}
