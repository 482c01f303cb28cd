import { useState } from "react";
import { writeExact } from "@/lib/exactJson";

/**
 * What somebody types of a value that is kept in another form. While it still reads as that value it stays as it was
 * typed, so that nothing is put into shape under the fingers.
 */
export function useTyped<T>(
  value: unknown,
  show: (value: unknown) => T,
  read: (typed: T) => unknown,
): [typed: T, setTyped: (typed: T) => void] {
  const [typed, setTyped] = useState<T>(() => show(value));
  const isSame = writeExact(read(typed)) === writeExact(value);
  return [isSame ? typed : show(value), setTyped];
}
