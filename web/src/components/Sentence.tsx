/** A sentence of the server's, in which words of the contract stand between backticks. */
export function Sentence({ text }: { text: string }) {
  const parts = text.split(/`([^`]+)`/); // every other one stood between two
  return parts.map((part, i) => {
    const key = `${i} ${part}`;
    return i % 2 === 1 ? (
      <code key={key} className="mono">
        {part}
      </code>
    ) : (
      part
    );
  });
}
