import { Notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { useEffect } from "react";
import { Hints } from "@/components/Hints";
import { OnDemand, part } from "@/components/OnDemand";
import { Wordmark } from "@/components/Wordmark";
import { SessionMenu } from "@/features/session/SessionMenu";
import { onRefusal } from "@/lib/api";
import { followChanges } from "@/lib/live/live";
import { noteRefusal, sessionQuery } from "@/lib/session";
import classes from "./AppLayout.module.css";
import { ConnectionBanner } from "./ConnectionBanner";
import { Keyboard } from "./keyboard/Keyboard";
import { LiveSign } from "./LiveSign";
import { PagePending } from "./PagePending";
import { StaleBanner } from "./StaleBanner";
import { useMainFocus } from "./useMainFocus";
import { ViewMenu } from "./ViewMenu";

const signIn = part("The page to sign in", () =>
  import("@/features/session/SignInPage").then((module) => module.SignInPage),
);
const current = { "aria-current": "page" } as const;

/** The layout around every page. */
export function AppLayout() {
  const main = useMainFocus();
  const client = useQueryClient();
  useEffect(() => onRefusal(() => noteRefusal(client)), [client]);
  const { data: session, isPending } = useQuery(sessionQuery);
  const isGated = session?.keys === true && session.role === null;
  // Read before it is needed: what is typed on the page must not hang on whether it can be had then. If not, it is asked
  // for again then.
  const hasKeys = session?.keys === true;
  useEffect(() => {
    if (hasKeys) signIn.read().catch(() => undefined);
  }, [hasKeys]);
  // Hints of others' tasks are for nobody whose key has tags: their pages ask every few seconds.
  const isTold = session !== undefined && !isGated && session.tags.length === 0;
  useEffect(() => (isTold ? followChanges(client) : undefined), [client, isTold]);
  // Where a key has just become invalid, what is typed on the page stays there.
  const isKept = isGated && session.name !== null;
  return (
    <>
      <a className={classes.skip} href="#main">
        Skip to the content
      </a>
      <header className={classes.bar}>
        <Link to="/" className={classes.home} aria-label="Tasker">
          <Wordmark />
        </Link>
        <nav className={classes.nav} aria-label="Main" hidden={isGated}>
          <Link to="/" activeOptions={{ exact: true, includeSearch: false }} activeProps={current}>
            Overview
          </Link>
          <Link to="/tasks" activeProps={current}>
            Tasks
          </Link>
          <Link to="/runs" activeProps={current}>
            Execution log
          </Link>
          <Link to="/upcoming" activeProps={current}>
            Upcoming
          </Link>
          <Link to="/system" activeProps={current}>
            System
          </Link>
        </nav>
        <div className={classes.end}>
          {!isGated && <LiveSign />}
          {!isGated && <Keyboard />}
          <ViewMenu />
          {session && <SessionMenu session={session} />}
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <ConnectionBanner />
        {!isGated && <StaleBanner />}
        {isGated && <OnDemand part={signIn} props={{ session }} pending={<PagePending />} />}
        <div hidden={isGated}>{!isPending && (!isGated || isKept) && <Outlet />}</div>
      </main>
      <Hints />
      <aside aria-label="Messages">
        <Notifications position="bottom-right" withinPortal={false} transitionDuration={0} />
      </aside>
    </>
  );
}
