package io.meridian.core.protocol;

import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.MembersNote;
import io.meridian.model.mesh.Origin;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogState;
import io.meridian.persistence.Manifest;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * One mesh in one region: what is durable, what is being made so, who waits, and what is going on between the regions. Immutable to everybody but
 * the step that makes it.
 */
public final class ProtocolState {
    /** A write that waits for this region to become the home. */
    record Held(long token, CommandRequest request, Epoch expected, long deadlineMillis) {}

    /** A write that waits for other regions to hold it. */
    record Syncing(Waiting.Command command, long seq) {}

    /**
     * A handover that this region, the old home, drives.
     *
     * @param token whose answer it is; {@link Run#NOBODY} if it was found in the log
     * @param acknowledgeSeq of HandoverStarted: the target has to hold it
     * @param sealing whether the seal has been given to the journal
     * @param successor of the seal, once that is durable; {@link Epoch#NONE} before
     */
    record Move(
            long token,
            Origin origin,
            String to,
            long startedMillis,
            long acknowledgeSeq,
            boolean sealing,
            Epoch successor,
            Head sealed) {}

    Manifest manifest;
    LogState durable;
    /** At least {@code manifest.promised()}: raised at once, answered when durable. */
    Epoch promised;

    @Nullable
    Batch inFlight;

    PVector<Batch> gathering = TreePVector.empty();
    int waiting;
    long queuedBytes;

    RecentHashes hashes = RecentHashes.EMPTY;
    /** What other regions hold durably, found in the own log. */
    PMap<RegionId, Head> acknowledged = HashTreePMap.empty();

    PVector<Syncing> syncing = TreePVector.empty();
    PVector<Held> held = TreePVector.empty();

    /** The branch went over to an earlier segment: nothing is judged any more until the log is read back. */
    boolean resuming;

    final long openedMillis;
    /** Whether this incarnation may write in an epoch that an earlier one opened. */
    boolean cleared;
    /** Whether another region held more of an epoch of this region's than this region; until it opens its next. */
    boolean lost;
    /** Since when a promise to another keeps the rightful home from writing; -1 if none does. */
    long blockedSinceMillis = -1;

    @Nullable
    Move move;

    @Nullable
    Run run;
    /** Whom a fetch was asked of that is not answered yet. */
    @Nullable
    RegionId fetching;

    long fetchAgainMillis;

    /** Voter: to which epoch a lease was granted, and until when. */
    Epoch leased = Epoch.NONE;

    long leasedUntilMillis;
    /** Home: until when each voter's word holds. */
    PMap<RegionId, Long> leases = HashTreePMap.empty();

    Epoch leasesOf = Epoch.NONE;
    long leaseAskedMillis;

    long reportedMillis;
    long automaticAgainMillis;

    /** Who the members are, as far as it is not in the log yet; perhaps not durable yet. */
    @Nullable
    MembersNote noted;
    /** Home: of which note others were told, which of them hold it, since when, and when last. */
    @Nullable
    Position toldOf;

    PMap<RegionId, Position> told = HashTreePMap.empty();
    long toldSinceMillis;
    long toldMillis;

    private ProtocolState(Manifest manifest, LogState durable, long openedMillis) {
        this.manifest = manifest;
        this.durable = durable;
        this.promised = manifest.promised();
        this.openedMillis = openedMillis;
        this.reportedMillis = openedMillis;
        this.noted = manifest.noted().orElse(null);
    }

    /**
     * As read back from the journal.
     *
     * @param cleared whether the log's last event was written by this very process, so that nothing can have been lost since
     */
    public static ProtocolState opened(Manifest manifest, LogState durable, boolean cleared, Moment at) {
        ProtocolState state = new ProtocolState(manifest, durable, at.nowMillis());
        state.cleared = cleared;
        if (!durable.head().isEmpty()) {
            state.hashes = state.hashes.plus(durable.head());
        }
        return state;
    }

    ProtocolState copy() {
        ProtocolState copy = new ProtocolState(manifest, durable, openedMillis);
        copy.promised = promised;
        copy.inFlight = inFlight;
        copy.gathering = gathering;
        copy.waiting = waiting;
        copy.queuedBytes = queuedBytes;
        copy.hashes = hashes;
        copy.acknowledged = acknowledged;
        copy.syncing = syncing;
        copy.held = held;
        copy.resuming = resuming;
        copy.cleared = cleared;
        copy.lost = lost;
        copy.blockedSinceMillis = blockedSinceMillis;
        copy.move = move;
        copy.run = run;
        copy.fetching = fetching;
        copy.fetchAgainMillis = fetchAgainMillis;
        copy.leased = leased;
        copy.leasedUntilMillis = leasedUntilMillis;
        copy.leases = leases;
        copy.leasesOf = leasesOf;
        copy.leaseAskedMillis = leaseAskedMillis;
        copy.reportedMillis = reportedMillis;
        copy.automaticAgainMillis = automaticAgainMillis;
        copy.noted = noted;
        copy.toldOf = toldOf;
        copy.told = told;
        copy.toldSinceMillis = toldSinceMillis;
        copy.toldMillis = toldMillis;
        return copy;
    }

    /** What is durable. */
    public LogState durable() {
        return durable;
    }

    public Manifest manifest() {
        return manifest;
    }

    /** The highest epoch that this region promised to; perhaps not durable yet. */
    public Epoch promised() {
        return promised;
    }

    /** The log with everything that is on its way into the journal: what the next input is judged on. */
    LogState judged() {
        for (int i = gathering.size() - 1; i >= 0; i--) {
            Batch.Events events = gathering.get(i).events();
            if (events != null) {
                return events.after();
            }
        }
        return inFlight != null && inFlight.events() != null ? inFlight.events().after() : durable;
    }

    /** Whether nothing is on its way into the journal. */
    public boolean isIdle() {
        return inFlight == null && gathering.isEmpty();
    }

    /** Calls that wait for an answer. */
    public int waiting() {
        return waiting + syncing.size() + held.size();
    }

    /** Whether a forced failover or a handover is under way here. */
    public boolean isMoving() {
        return run != null || move != null;
    }
}
