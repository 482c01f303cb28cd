import { type ComponentType, type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { Failed } from "./ListStates";
import { notifyFailed } from "./notify";

const WAIT = 20_000; // ms

type Part<Props> = { title: string; known?: ComponentType<Props>; read: () => Promise<ComponentType<Props>> };

/** A part of the UI that is read when it is needed; `title` says what it is, as the begin of a sentence. */
export function part<Props>(title: string, read: () => Promise<ComponentType<Props>>): Part<Props> {
  const made: Part<Props> = {
    title,
    read: async () => {
      made.known = await read();
      return made.known;
    },
  };
  return made;
}

type OnDemandProps<Props> = {
  part: Part<Props>;
  props: Props & object;
  pending?: ReactNode;
  /** Closes what can't be shown, which a message says then. Without it, its place says so. */
  onAbsent?: () => void;
};

/**
 * Shows a part. Where it can't be had, the page around it stays as it is, with all that is typed there, and the part is
 * read again when it is asked for again. (React's `lazy` fails once and for all, and takes the page with it.)
 */
export function OnDemand<Props>({ part, props, pending, onAbsent }: OnDemandProps<Props>) {
  const [Shown, setShown] = useState(() => part.known);
  const [error, setError] = useState<Error>();
  const onFailed = useEffectEvent((failed: Error) => {
    if (!onAbsent) return setError(failed);
    notifyFailed(`${part.title} can't be shown`, failed);
    onAbsent();
  });
  useEffect(() => {
    if (Shown || error) return;
    let isOver = false;
    const take = (read: ComponentType<Props>) => {
      if (!isOver) setShown(() => read);
    };
    const fail = () => {
      if (isOver) return;
      isOver = true;
      onFailed(new Error("It could not be read. If it stays so, save what you have typed and reload."));
    };
    part.read().then(take, fail);
    const timer = setTimeout(fail, WAIT);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [part, Shown, error]);
  if (error) {
    return (
      <Failed title={`${part.title} can't be shown`} error={error} onRetry={() => setError(undefined)} />
    );
  }
  return Shown ? <Shown {...props} /> : pending;
}
