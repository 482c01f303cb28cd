import classes from "./Tags.module.css";

/** Tags, each a button that filters by it where `onPick` is given. */
export function Tags({ tags, onPick }: { tags: readonly string[]; onPick?: (tag: string) => void }) {
  if (tags.length === 0) return null;
  return (
    <ul className={classes.tags} aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag}>
          {onPick ? (
            <button
              type="button"
              className={classes.tag}
              onClick={() => onPick(tag)}
              aria-label={`Show only tasks tagged ${tag}`}
            >
              {tag}
            </button>
          ) : (
            <span className={classes.tag}>{tag}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
