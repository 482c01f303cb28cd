import { Button, Popover, UnstyledButton } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Icon } from "@/components/Icon";
import { notifyFailed } from "@/components/notify";
import { type Session, signOut } from "@/lib/session";
import classes from "./SessionMenu.module.css";

const may = {
  viewer: "Sees everything but dead letters, and changes nothing.",
  operator: "Sees and changes everything but dead letters.",
  admin: "Sees and changes everything.",
} as const;

function mayWith({ role, tags }: Session): string {
  return `Sees ${role === "viewer" ? "" : "and changes "}tasks tagged ${tags.join(" or ")}, with their runs.`;
}

/** Who is signed in and by which role, and the way out. */
export function SessionMenu({ session }: { session: Session }) {
  const client = useQueryClient();
  if (!session.keys || !session.role) return null;
  const leave = () => signOut(client).catch((error) => notifyFailed("You are still signed in", error));
  return (
    <Popover
      position="bottom-end"
      hideDetached={false}
      withinPortal={false}
      transitionProps={{ duration: 0 }}
      width={260}
      trapFocus
    >
      <Popover.Target>
        <UnstyledButton
          className={classes.target}
          aria-label={`Signed in as ${session.name}, ${session.role}`}
        >
          <span className={classes.name}>{session.name}</span>
          <span className={classes.role}>{session.role}</span>
          <Icon name="down" size={12} />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.about}>
        <strong>{session.name}</strong>
        <p className="dim small">{session.tags.length === 0 ? may[session.role] : mayWith(session)}</p>
        <Button variant="default" fullWidth mt="sm" onClick={() => void leave()}>
          Sign out
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
