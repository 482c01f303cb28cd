import { notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import { textOf, Unreachable } from "@/lib/problem";
import { Icon } from "./Icon";

const close = { "aria-label": "Close the message" };

let done: string | undefined;

/** Says that something was done. Goes away by itself, or when the next is said: they do not pile up over the page. */
export function notifyDone(title: string, message: ReactNode = "") {
  if (done) notifications.hide(done);
  done = notifications.show({
    title,
    message,
    color: "petrol",
    icon: <Icon name="check" />,
    autoClose: 8_000,
    closeButtonProps: close,
  });
}

/** Says that something was not done, and why. Stays until it is closed. */
export function notifyFailed(title: string, error: unknown) {
  const unknown =
    error instanceof Unreachable ? " Whether it took effect is unknown; look before you repeat it." : "";
  notifications.show({
    title,
    message: textOf(error) + unknown,
    color: "red",
    icon: <Icon name="cross" />,
    autoClose: false,
    role: "alert",
    closeButtonProps: close,
  });
}
