import { createMemoryHistory } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App } from "@/app/App";
import { makeQueryClient } from "@/app/queryClient";
import { makeRouter } from "@/app/router";

/** The whole app at an address, with a person before it. */
export function open(address: string) {
  const router = makeRouter(createMemoryHistory({ initialEntries: [address] }));
  const client = makeQueryClient();
  render(<App client={client} router={router} />);
  return { person: userEvent.setup(), client, address: () => router.state.location.href };
}
