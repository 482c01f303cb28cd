import { QueryClient } from "@tanstack/react-query";
import { HttpResponse } from "msw";
import { expect, it } from "vitest";
import { record } from "@/testing/server";
import { noteRefusal, type Session, sessionQuery, signIn, signOut } from "./session";

const before: Session = { keys: true, name: "ann", role: "operator", tags: ["finance", "tax"] };

it.each([
  { now: { ...before }, kept: true },
  { now: { ...before, tags: ["tax", "finance"] }, kept: true },
  { now: { ...before, name: "bob" }, kept: false },
  { now: { ...before, role: "viewer" }, kept: false },
  { now: { ...before, role: "admin" }, kept: false },
  { now: { ...before, tags: ["finance"] }, kept: false },
  { now: { ...before, tags: [] }, kept: false },
])("shows what was seen by one key only by another like it: $now", async ({ now, kept }) => {
  record("post", "/session", () => HttpResponse.json(now));
  for (const refusals of [0, 1, 2]) {
    const client = new QueryClient();
    client.setQueryData(["session"], before);
    client.setQueryData(["tasks"], "what ann has seen");
    for (let n = 0; n < refusals; n++) noteRefusal(client);
    await signIn(client, "tsk_abcd1234_secret");
    expect(client.getQueryData(["tasks"])).toBe(kept ? "what ann has seen" : undefined);
    expect(client.getQueryData(["session"])).toEqual(now);
  }
});

it("knows whose key it was when it asks anew and the key is valid no more", async () => {
  record("get", "/session", () => HttpResponse.json({ keys: true, name: null, role: null, tags: [] }));
  const client = new QueryClient();
  client.setQueryData(["session"], before);
  for (let times = 0; times < 2; times++) {
    await client.refetchQueries({ queryKey: ["session"] });
    await client.fetchQuery({ ...sessionQuery, staleTime: 0 });
    expect(client.getQueryData(["session"])).toEqual({ ...before, role: null, lost: "operator" });
    noteRefusal(client);
  }
});

it.each([
  { how: "in", change: (client: QueryClient) => signIn(client, "tsk_abcd1234_secret"), role: "operator" },
  { how: "out", change: signOut, role: null },
])("is signed $how whatever was asked before is answered after it", async ({ change, role }) => {
  const others: Session = role ? { keys: true, name: null, role: null, tags: [] } : before;
  let answer = () => {};
  const mayAnswer = new Promise<void>((resolve) => {
    answer = resolve;
  });
  record("post", "/session", () => HttpResponse.json(before));
  record("delete", "/session", () => new HttpResponse(null, { status: 204 }));
  const asked = record("get", "/session", async () => {
    await mayAnswer;
    return HttpResponse.json(others);
  });
  const client = new QueryClient();
  client.setQueryData(["session"], others);
  const polled = client.fetchQuery({ ...sessionQuery, staleTime: 0 }).catch(() => null);
  await expect.poll(() => asked.length).toBe(1);
  await change(client);
  answer();
  await polled;
  expect(client.getQueryData<Session>(["session"])?.role).toBe(role);
});
