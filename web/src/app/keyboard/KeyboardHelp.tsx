import { Kbd, Modal, Switch } from "@mantine/core";
import { singleKeys } from "@/lib/singleKeys";
import classes from "./Keyboard.module.css";

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);
const always = [
  [isApple ? ["⌘", "K"] : ["Ctrl", "K"], "Go to a page, a task or a run, or do something"],
] as const;
const single = [
  [["/"], "Search on this page"],
  [["j"], "Next row"],
  [["k"], "Row before"],
  [["Enter"], "Open the row"],
  [["x"], "Select the row, where rows can be selected"],
  [["n"], "New task"],
  [["?"], "This list"],
] as const;

/** Which keys do what, and a switch for those that are a single letter. */
export function KeyboardHelp({ onClose }: { onClose: () => void }) {
  const isOn = singleKeys.use() === "on";
  return (
    <Modal opened onClose={onClose} title="Keyboard" transitionProps={{ duration: 0 }}>
      <dl className={classes.keys}>
        {[...always, ...single].map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <Switch
        label="Single letters are shortcuts"
        description="Switch it off when you speak to your computer. Ctrl and K work all the same."
        checked={isOn}
        onChange={(e) => singleKeys.choose(e.currentTarget.checked ? "on" : "off")}
      />
    </Modal>
  );
}
