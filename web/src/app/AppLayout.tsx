import { Notifications } from "@mantine/notifications";
import { Link, Outlet } from "@tanstack/react-router";
import { Wordmark } from "@/components/Wordmark";
import classes from "./AppLayout.module.css";
import { ConnectionBanner } from "./ConnectionBanner";
import { useMainFocus } from "./useMainFocus";

/** The layout around every page. */
export function AppLayout() {
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
