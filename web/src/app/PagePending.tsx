import { Loading } from "@/components/ListStates";

/** While a page itself is read. */
export function PagePending() {
  return <Loading label="Loading the page" />;
}
