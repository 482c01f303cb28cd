import { Button, PasswordInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { Icon } from "@/components/Icon";
import { Problem, textOf } from "@/lib/problem";
import { type Session, signIn } from "@/lib/session";
import classes from "./SignInPage.module.css";

/** Asks for a key. What was opened is shown behind it, at the same address. */
export function SignInPage({ session }: { session: Session }) {
  const client = useQueryClient();
  const [key, setKey] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    document.title = "Sign in · Tasker";
  }, []);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!key.trim()) return setError("Paste your key here.");
    setBusy(true);
    try {
      await signIn(client, key);
    } catch (refusal) {
      const isWrong = refusal instanceof Problem && refusal.status === 401;
      setError(isWrong ? whatIsWrong(key, textOf(refusal)) : textOf(refusal));
      setBusy(false);
    }
  }

  return (
    <div className={classes.place}>
      <form className={classes.card} onSubmit={(event) => void submit(event)}>
        <h1>Sign in</h1>
        {session.name !== null && (
          <p className={classes.ended} role="alert">
            <Icon name="warn" />
            <span>
              The key of <strong>{session.name}</strong> is not valid any more: it was revoked, or has
              expired. What you had open is still there once you sign in again.
            </span>
          </p>
        )}
        <PasswordInput
          label="API key"
          description={
            <>
              It begins with <span className="mono">tsk_</span>. Whoever runs this Tasker makes keys, by{" "}
              <span className="mono">tasker keys create</span>.
            </>
          }
          placeholder="tsk_…"
          name="key"
          autoComplete="current-password"
          data-autofocus
          autoFocus
          spellCheck={false}
          value={key}
          error={error}
          classNames={{ innerInput: "mono" }}
          onChange={(event) => {
            setKey(event.currentTarget.value);
            setError(null);
          }}
        />
        <Button type="submit" loading={busy} fullWidth>
          Sign in
        </Button>
        <p className="dim small">
          This browser keeps the key for a week, in a cookie that no page can read. Sign out to have it
          forgotten.
        </p>
      </form>
    </div>
  );
}

function whatIsWrong(key: string, said: string): string {
  return key.trim().startsWith("tsk_") ? `${said}.` : "That is no key: it begins with tsk_.";
}
