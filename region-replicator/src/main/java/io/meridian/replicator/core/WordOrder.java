package io.meridian.replicator.core;

/**
 * Whether the words of a stream come as they were said: each once, none missing, none of another stream. A transport that keeps that promise makes
 * this a formality; one word out of order would otherwise be believed until the next one about the same mesh. Immutable.
 *
 * @param stream what the listener called it
 * @param last the number of the last word that was taken; 0 if none
 */
public record WordOrder(long stream, long last) {
    public enum Verdict {
        /** Take it. */
        NEXT,
        /** It was taken already, or is of another stream: drop it. */
        STALE,
        /** One before it is missing: whatever it said must be asked for anew. */
        MISSING
    }

    public static WordOrder of(long stream) {
        return new WordOrder(stream, 0);
    }

    /** {@code number}: 0 from a region that does not number its words; then they come as they come. */
    public Verdict judge(long ofStream, long number) {
        if (number == 0) {
            return Verdict.NEXT;
        }
        if (ofStream != stream || number <= last) {
            return Verdict.STALE;
        }
        return number == last + 1 ? Verdict.NEXT : Verdict.MISSING;
    }

    /** Behind a word that was taken. */
    public WordOrder after(long number) {
        return new WordOrder(stream, number);
    }
}
