import classes from "./Wordmark.module.css";

/** A clock face whose hands make a tick mark: done, on time. */
export function Wordmark() {
  return (
    <span className={classes.wordmark}>
      <svg aria-hidden="true" width="24" height="24" viewBox="0 0 32 32">
        <circle className={classes.face} cx="16" cy="16" r="15" />
        <path className={classes.hands} d="M9 15.5l5 5.5L23.5 9.5" />
        <circle className={classes.noon} cx="16" cy="4.6" r="1.7" />
      </svg>
      Tasker
    </span>
  );
}
