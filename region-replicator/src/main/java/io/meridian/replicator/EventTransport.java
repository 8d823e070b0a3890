package io.meridian.replicator;

import io.meridian.core.MeshLog;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.RegionId;
import java.util.List;
import java.util.Set;

/**
 * Another way for events between regions, beside the streams that always exist: each region's <em>topic</em> carries what that region writes as home.
 * Everything else (heads, acknowledgements, forks, commands) goes over the streams, and so does any event that a topic does not bring: a
 * transport may lose, double and reorder, and may be away. What it must not do is block whoever writes.
 *
 * <p>Thread-safe.
 */
public interface EventTransport extends AutoCloseable {
    /** No topics: all events come by the streams. */
    EventTransport NONE = new NoTransport();

    /** "grpc", "kafka": for people. */
    String name();

    /** Begins to publish what this region writes as home, and to offer what others published. Once. Does not block. */
    void start(MeshLog log, Intake intake);

    /** How the topic of each region stands, this one's own included; by name. Empty if there are no topics. Never blocks. */
    List<TopicStatus> topics();

    /** Ends publishing and reading; nothing is offered afterwards. */
    @Override
    void close();

    /** What takes events out of topics. Thread-safe; never blocks. */
    interface Intake {
        /** The regions whose topics are read and can be relied on, whenever that changes. */
        void readable(Set<RegionId> regions);

        /**
         * How many more events of a mesh may be offered now. Where there is no room it may be asked again soon; what is offered nevertheless
         * is given up.
         */
        int room(MeshId mesh);

        /**
         * Offers what was read.
         *
         * @param region whose topic it is
         * @param envelopes of {@code mesh}, in the order in which they were read, at least one; their hashes are checked by the caller
         * @param done run once, when each of them is durable in this region's log, or known already, or given up so that the stream will bring
         *     it; on any thread
         */
        void offer(MeshId mesh, RegionId region, List<EventEnvelope> envelopes, Runnable done);
    }
}
