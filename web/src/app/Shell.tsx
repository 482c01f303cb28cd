import { Notifications } from "@mantine/notifications";
import { Link, Outlet } from "@tanstack/react-router";
import { Wordmark } from "@/components/Wordmark";
import { ConnectionBanner } from "./ConnectionBanner";
import classes from "./Shell.module.css";
import { useMainFocus } from "./useMainFocus";

/** What every page stands in. */
export function Shell() {
  const main = useMainFocus();
  return (
    <>
      <a className={classes.skip} href="#main">
        Skip to the content
      </a>
      <header className={classes.bar}>
        <Link to="/tasks" className={classes.home} aria-label="Tasker">
          <Wordmark />
        </Link>
        <nav className={classes.nav} aria-label="Main">
          <Link to="/tasks" activeProps={{ "aria-current": "page" }}>
            Tasks
          </Link>
          <Link to="/runs" activeProps={{ "aria-current": "page" }}>
            Execution log
          </Link>
          <Link to="/system/dead-letters" activeProps={{ "aria-current": "page" }}>
            System
          </Link>
        </nav>
      </header>
      <main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <ConnectionBanner />
        <Outlet />
      </main>
      <aside aria-label="Messages">
        <Notifications position="bottom-right" withinPortal={false} transitionDuration={0} />
      </aside>
    </>
  );
}
