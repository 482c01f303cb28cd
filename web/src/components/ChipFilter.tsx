import classes from "./ChipFilter.module.css";
import { Icon } from "./Icon";

/** A filter that stands, and the button that takes it away. */
export function ChipFilter({ name, value, onClear }: { name: string; value: string; onClear: () => void }) {
  return (
    <button
      type="button"
      className={classes.chip}
      onClick={onClear}
      aria-label={`Remove filter ${name} ${value}`}
    >
      <span className={classes.name}>{name}</span> {value} <Icon name="cross" size={12} />
    </button>
  );
}
