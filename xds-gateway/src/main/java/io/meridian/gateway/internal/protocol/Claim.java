package io.meridian.gateway.internal.protocol;

/**
 * What a state-of-the-world client says on a new stream that it last accepted of a type: its version_info, parted. Immutable.
 *
 * <p>The content alone does not tell what an Envoy holds. Its endpoints depend on what happened to their clusters (one that changed waits
 * for its endpoints again, one that went and came back has none), its routes on their listeners. So clusters and listeners number their
 * responses, and endpoints and routes carry the number of the response that they followed. A client of which both numbers are the same
 * accepted the last response about the one, and after it all about the other.
 *
 * @param content a {@link Fingerprint}, or anything else, which equals none
 * @param turn the number, modulo {@link #TURNS}; {@link #NO_TURN} of a version that no gateway made
 */
record Claim(String content, int turn) {
    /**
     * Small, so that streams with different pasts still share their bytes. Large enough: for a number to come round while endpoints stay
     * behind, as many cluster responses would have to be accepted with no response about endpoints between them.
     */
    static final int TURNS = 8;

    static final int NO_TURN = -1;

    static Claim of(String version) {
        int dot = version.lastIndexOf('.');
        boolean numbered = dot == version.length() - 2 && dot >= 0;
        int turn = numbered ? version.charAt(dot + 1) - '0' : NO_TURN;
        return turn >= 0 && turn < TURNS ? new Claim(version.substring(0, dot), turn) : new Claim(version, NO_TURN);
    }

    static String text(String content, int turn) {
        return content + "." + turn;
    }

    /** The number that follows. */
    static int after(int turn) {
        return (turn + 1) % TURNS;
    }
}
