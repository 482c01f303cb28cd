import { Button, type ButtonProps } from "@mantine/core";
import type { ComponentPropsWithoutRef, ReactElement } from "react";
import { Guarded } from "./Guarded";
import { Icon, type IconName } from "./Icon";

type Props = ButtonProps &
  Omit<ComponentPropsWithoutRef<"button">, keyof ButtonProps> & {
    icon?: IconName;
    /** What it is instead of a button, such as a link. */
    renderRoot?: (props: Record<string, unknown>) => ReactElement;
  };

/** A button for what takes the role of an operator: off, with the reason, for those who don't have it. */
export function OperatorButton({ icon, disabled, renderRoot, ...button }: Props) {
  return (
    <Guarded needs="operator">
      {(isOff) => (
        <Button
          leftSection={icon && <Icon name={icon} size={button.size === "xs" ? 14 : undefined} />}
          disabled={disabled || isOff}
          renderRoot={isOff ? undefined : renderRoot}
          {...button}
        />
      )}
    </Guarded>
  );
}
