package io.meridian.chaos.relay;

/**
 * How likely each of these is.
 *
 * @param doubled a message is delivered twice: at once, or the second time later
 * @param heldBack a message waits until up to three later ones are delivered, or for half a second
 * @param replayed a message is followed by one of an earlier stream
 * @param madeTwice a call is made once more, at the same time or up to two seconds later
 */
public record Odds(double doubled, double heldBack, double replayed, double madeTwice) {
    /** Everything passes as it is. */
    public static final Odds NONE = new Odds(0, 0, 0, 0);

    /** @throws IllegalArgumentException if what may happen to a message has a sum above 1, or one of them is no probability */
    public Odds {
        if (doubled < 0 || heldBack < 0 || replayed < 0 || madeTwice < 0 || madeTwice > 1) {
            throw new IllegalArgumentException("probabilities are from 0 to 1");
        }
        if (doubled + heldBack + replayed > 1) {
            throw new IllegalArgumentException("doubled, heldBack and replayed are more than 1 together");
        }
    }
}
