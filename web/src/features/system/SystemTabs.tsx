import { Link } from "@tanstack/react-router";
import classes from "@/components/PageTabs.module.css";

/** The parts of the system pages. */
export function SystemTabs() {
  return (
    <nav className={classes.tabs} aria-label="System">
      <Link to="/system" activeOptions={{ exact: true }} activeProps={{ "aria-current": "page" }}>
        Health
      </Link>
      <Link to="/system/dead-letters" activeProps={{ "aria-current": "page" }}>
        Dead letters
      </Link>
      <Link to="/system/change-sets" activeProps={{ "aria-current": "page" }}>
        Changes of many tasks
      </Link>
      <Link to="/system/keys" activeProps={{ "aria-current": "page" }}>
        Keys
      </Link>
    </nav>
  );
}
