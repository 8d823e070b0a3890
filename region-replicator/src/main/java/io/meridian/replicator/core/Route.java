package io.meridian.replicator.core;

/**
 * By which way a mesh's events come to its replica. The stream is open either way: heads, acknowledgements and forks go over it, and it is the way
 * on which everything can be had.
 */
public sealed interface Route {
    /** By the home's topic, which carries what the home itself wrote; the stream's window is shut. */
    record ByTopic() implements Route {}

    /** By the stream. {@code why}: the reason for which they do not come by the topic; empty where there is none. */
    record ByStream(String why) implements Route {}

    Route TOPIC = new ByTopic();
    Route STREAM = new ByStream("");
}
