import { type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import type { components } from "@/client/schema";
import { api, ask } from "./api";
import { every } from "./live/live";
import { Problem } from "./problem";

type SessionInfo = components["schemas"]["SessionInfo"];
export type Role = NonNullable<SessionInfo["role"]>;
/**
 * Who is signed in. `keys` false: there are none, and everybody may do everything. A `name` without a `role` had a key
 * that is valid no more, with the role `lost`.
 */
export type Session = SessionInfo & { lost?: Role | null };

const roles: readonly Role[] = ["viewer", "operator", "admin"];
const KEY = ["session"];
const open: Session = { keys: false, name: null, role: "admin", tags: [] };

/**
 * It changes by signing in and out, and by refusals. It is asked for like a list all the same: on a page that asks for
 * nothing else, that is how it is found out that the API has gone.
 */
export const sessionQuery = queryOptions({
  queryKey: KEY,
  queryFn: async ({ client }): Promise<Session> => {
    try {
      return lostSince(client.getQueryData<Session>(KEY), await ask(api.GET("/api/v1/session")));
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return open; // an API from before there were keys
      throw error;
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  refetchOnWindowFocus: false,
  refetchOnReconnect: false,
  refetchInterval: every(4_000),
});

/** Whoever had a key that is valid no more is still known, so that their page waits for them. */
function lostSince(before: Session | undefined, now: Session): Session {
  if (!before?.name || !now.keys || now.role !== null) return now;
  return { ...before, role: null, lost: before.role ?? before.lost };
}

/** Takes note that a request was refused for its key: the page at this address waits until somebody signs in again. */
export function noteRefusal(client: QueryClient) {
  const known = client.getQueryData<Session>(KEY);
  if (known?.keys)
    client.setQueryData<Session>(KEY, { ...known, role: null, lost: known.role ?? known.lost });
  else void client.invalidateQueries({ queryKey: KEY }); // there are keys since
}

/** Signs in by a key, which is kept nowhere but in a cookie that no script reads. Throws what is wrong with it. */
export async function signIn(client: QueryClient, key: string) {
  const session = await ask(api.POST("/api/v1/session", { body: { key } }));
  await client.cancelQueries({ queryKey: KEY }); // its answer may be of before
  const before = client.getQueryData<Session>(KEY);
  client.setQueryData<Session>(KEY, session);
  const others = { predicate: ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[0] !== KEY[0] };
  // What somebody else has seen is not shown to the next one, nor what the next key may not see to its holder.
  if (before && seesTheSame(before, session)) await client.invalidateQueries(others);
  else await client.resetQueries(others);
}

function seesTheSame(before: Session, now: Session): boolean {
  const tags = (of: Session) => JSON.stringify([...of.tags].sort());
  return before.name === now.name && (before.role ?? before.lost) === now.role && tags(before) === tags(now);
}

export async function signOut(client: QueryClient) {
  await ask(api.DELETE("/api/v1/session"));
  await client.cancelQueries({ queryKey: KEY });
  client.setQueryData<Session>(KEY, { keys: true, name: null, role: null, tags: [] });
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] });
}

/** Why the one who is signed in may not do what takes a role; null when they may. */
export function useReasonAgainst(needs: Role): string | null {
  const role = useQuery(sessionQuery).data?.role;
  if (!role || roles.indexOf(role) >= roles.indexOf(needs)) return null;
  return `This takes the role ${needs}; your key has the role ${role}.`;
}
