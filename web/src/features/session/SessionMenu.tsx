import { Button, Popover, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Icon } from "@/components/Icon";
import { notifyFailed } from "@/components/notify";
import { type Role, type Session, signOut } from "@/lib/session";
import { isAnythingUnsaved } from "@/lib/unsaved";
import classes from "./SessionMenu.module.css";

const may = {
  viewer: "Sees everything but dead letters, and changes nothing.",
  operator: "Sees and changes everything but dead letters.",
  admin: "Sees and changes everything.",
} as const;

type SignedIn = Session & { role: Role };

function mayWith({ role, tags }: SignedIn): string {
  return `Sees ${role === "viewer" ? "" : "and changes "}tasks tagged ${tags.join(" or ")}, with their runs.`;
}

/** Who is signed in and by which role, and the way out. */
export function SessionMenu({ session }: { session: Session }) {
  const { keys, role } = session;
  return keys && role ? <Menu session={{ ...session, role }} /> : null;
}

function Menu({ session }: { session: SignedIn }) {
  const client = useQueryClient();
  const target = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  const [asking, { open: ask, close: stay }] = useDisclosure(false);
  const leaving = useMutation({
    mutationFn: () => signOut(client),
    onError: (error) => {
      notifyFailed("You are still signed in", error);
      stay();
    },
  });

  function leave() {
    if (!isAnythingUnsaved()) return leaving.mutate();
    target.current?.focus(); // to be back there if one stays
    setOpened(false);
    ask();
  }

  return (
    <>
      <Popover
        opened={opened}
        onChange={setOpened}
        position="bottom-end"
        hideDetached={false}
        withinPortal={false}
        transitionProps={{ duration: 0 }}
        width={260}
        trapFocus
      >
        <Popover.Target>
          <UnstyledButton
            ref={target}
            className={classes.target}
            aria-label={`Signed in as ${session.name}, ${session.role}`}
            onClick={() => setOpened(!opened)}
          >
            <span className={classes.name}>{session.name}</span>
            <span className={classes.role}>{session.role}</span>
            <Icon name="down" size={12} />
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown className={classes.about}>
          <strong>{session.name}</strong>
          <p className="dim small">{session.tags.length === 0 ? may[session.role] : mayWith(session)}</p>
          <Button variant="default" fullWidth mt="sm" onClick={leave}>
            Sign out
          </Button>
        </Popover.Dropdown>
      </Popover>
      <ConfirmDialog
        opened={asking}
        title="Sign out without saving?"
        confirm="Sign out"
        dismiss="Stay"
        busy={leaving.isPending}
        onConfirm={() => leaving.mutate()}
        onClose={stay}
      >
        What you typed is not saved yet.
      </ConfirmDialog>
    </>
  );
}
