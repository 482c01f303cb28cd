import { expect, it } from "vitest";
import {
  callOf,
  headersIn,
  headerText,
  jsonOrText,
  listed,
  listIn,
  shownJson,
  textOf,
  valueAt,
  withValue,
} from "./httpCall";

const call = {
  url: "https://example.com/",
  headers: { Authorization: "Bearer secret://shop", "X-Time": "at: 12:00" },
  body: { order: 42 },
  expect: ["2xx", 409],
  colour: { deep: { red: 1 } },
};

it("reads a call and writes it back as it was, also what it has no field for", () => {
  expect(JSON.parse(textOf(callOf(JSON.stringify(call)) ?? {}))).toEqual(call);
  expect(callOf("")).toEqual({});
  expect(textOf({})).toBe("");
  for (const text of ["[1]", "7", "{", '"x"', "null"]) expect(callOf(text)).toBeNull();
});

it("changes one field, deep or not, and leaves the others", () => {
  expect(withValue(call, "url", "https://example.org/")).toEqual({ ...call, url: "https://example.org/" });
  expect(valueAt(withValue(call, "callback.timeout", "PT1H"), "callback.timeout")).toBe("PT1H");
  expect(withValue(call, "colour.deep.blue", 2).colour).toEqual({ deep: { red: 1, blue: 2 } });
  expect(valueAt(call, "colour.deep.red.more")).toBeUndefined();
});

it("takes out what is emptied, and the objects that this leaves empty", () => {
  expect(withValue(call, "colour.deep.red", undefined)).not.toHaveProperty("colour");
  expect(withValue({ a: { b: 1, c: 2 } }, "a.b", undefined)).toEqual({ a: { c: 2 } });
  expect(withValue({}, "a.b", undefined)).toEqual({});
});

it("shows headers one a line, and reads them from there", () => {
  const text = "Authorization: Bearer secret://shop\nX-Time: at: 12:00";
  expect(headerText(call.headers)).toBe(text);
  expect(headersIn(`${text}\n\n`)).toEqual(call.headers);
  expect(headersIn("half")).toEqual({ half: "" });
  expect(headersIn(" ")).toBeUndefined();
});

it("takes for JSON what is JSON, and for a text what is not", () => {
  for (const value of [{ order: 42 }, [1], 7, true, "plain text", "{{ payload.x }}"]) {
    expect(jsonOrText(shownJson(value))).toEqual(value);
  }
  expect(jsonOrText('{"order": ')).toBe('{"order": ');
  for (const text of ["", " ", "null"]) expect(jsonOrText(text)).toBeUndefined();
});

it("reads statuses and classes of them", () => {
  expect(listed(call.expect)).toBe("2xx, 409");
  expect(listIn("2xx, 409")).toEqual(["2xx", 409]);
  expect(listIn("")).toBeUndefined();
});

it("sends every line of a header that is typed twice, as one field with both values", () => {
  expect(headersIn("Accept: text/html\nX-A: 1\naccept: text/plain")).toEqual({
    Accept: "text/html, text/plain",
    "X-A": "1",
  });
});
