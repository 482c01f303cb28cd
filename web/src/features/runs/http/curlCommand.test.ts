import { expect, it } from "vitest";
import { callOf } from "./call";
import { curlCommand } from "./curlCommand";

function commandOf(handler: string, payload: unknown) {
  const call = callOf(handler, payload);
  return call && curlCommand(call);
}
const http = (payload: object) => commandOf("http", { url: "https://a.example/b", ...payload })?.command;

it("is a GET of what curl calls, whose redirects are followed", () => {
  const command = "curl --location --max-redirs 5 --url 'https://a.example/?x=1&y=2'";
  expect(commandOf("curl", "https://a.example/?x=1&y=2")?.command).toBe(command);
  expect(commandOf("curl", { url: "https://a.example/?x=1&y=2" })?.command).toBe(command);
});

it("sends what http sends: method, headers, and a body as the handler has it", () => {
  expect(http({ method: "PUT", headers: { "X-Shop": "7" }, body: { order: 42 } })).toBe(
    "curl --request PUT --header 'Content-Type: application/json' --header 'X-Shop: 7' " +
      `--data-raw '{"order":42}' --url 'https://a.example/b'`,
  );
  expect(http({ body: "it's" })).toBe(
    "curl --header 'Content-Type: text/plain; charset=utf-8' --data-raw 'it'\\''s' --url 'https://a.example/b'",
  );
  expect(http({ method: "HEAD", headers: { "X-None": "" } })).toContain("--head --header 'X-None;'");
  expect(http({ body: {}, headers: { "content-type": "application/x" } })).not.toContain("application/json");
});

it("leaves references to secrets as they are, and says what it can't have", () => {
  expect(http({ url: "https://me%40x:secret://pw@a.example/b" })).toBe(
    "curl --user 'me@x:secret://pw' --url 'https://a.example/b'",
  );
  expect(http({ auth: { bearer: "secret://token" } })).toContain("'Authorization: Bearer secret://token'");
  expect(http({ auth: { basic: { user: "me", password: "secret://pw" } } })).toContain(
    "--user 'me:secret://pw'",
  );
  expect(http({ url: "secret://hook" })).toContain("--url 'secret://hook'");
  const secured = { auth: { oauth2: { client_secret: "secret://c" } }, sign: { secrets: ["secret://s"] } };
  const found = commandOf("http", { url: "https://a.example/", ...secured });
  expect(found?.leftOut).toEqual(["its OAuth 2 token", "its signature"]);
  expect(found?.command).not.toContain("secret://");
});

it("goes by the proxy and the certificates of the task", () => {
  expect(http({ proxy: "http://u:secret://p@proxy:3128", tls: { ca: "secret://ca" } })).toBe(
    "curl --proxy 'http://proxy:3128' --proxy-user 'u:secret://p' --cacert 'secret://ca' --url 'https://a.example/b'",
  );
});

it("keeps braces from meaning several URLs, and is for calls alone", () => {
  expect(http({ url: "https://a.example/{{ run_id }}" })).toContain("--globoff");
  expect(commandOf("default", { url: "https://a.example/" })).toBeNull();
  expect(commandOf("http", { n: 1 })).toBeNull();
});
