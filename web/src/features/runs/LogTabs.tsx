import { Link } from "@tanstack/react-router";
import classes from "@/components/PageTabs.module.css";

/** What ran, and what did not. */
export function LogTabs() {
  return (
    <nav className={classes.tabs} aria-label="Execution log">
      <Link to="/runs" activeProps={{ "aria-current": "page" }}>
        Runs
      </Link>
      <Link to="/missed" activeProps={{ "aria-current": "page" }}>
        Missed
      </Link>
    </nav>
  );
}
