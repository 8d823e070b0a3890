package io.meridian.chaos.simulation;

/** Bugs that can be planted at the borders of the protocol, to see that the simulation catches them. */
enum Mutant {
    NONE("nothing"),
    PROMISE_NOT_PERSISTED("a promise is answered and never stored"),
    ACKNOWLEDGED_BEFORE_DURABLE("the journal confirms a write before it is durable"),
    SEPARATE_CURSOR("a replica opens with the head that it remembers having been sent, not with its log's"),
    GAP_ACCEPTED("a replica stores an event behind a gap"),
    PREV_HASH_UNCHECKED("a replica takes what has the next seq, whatever it continues"),
    TIMEOUT_AS_FAILURE("an answer that is missing is told as certainly not executed"),
    COMMAND_IDS_NOT_REPLICATED("the table of command ids does not come with the log"),
    WALL_CLOCK_LEASE("leases are counted on the wall clock"),
    RESERIALISED("events are serialized anew on the way, and hashed anew"),
    OLD_EPOCH_ACCEPTED("a replica takes events of older epochs than it promised"),
    SEAL_WITHOUT_ACKNOWLEDGEMENT("a handover seals before the target holds everything"),
    GRANTED_HEADS_IGNORED("a takeover does not look at the heads of those who promised"),
    FENCED_HOME_WRITES("a home that promised a later epoch goes on writing"),
    TAIL_NOT_REPORTED("what a failover left behind is not told to the new home"),
    TAIL_OVERWRITTEN("what a failover left behind is overwritten"),
    STATE_UNCHECKED("a stale state is accepted for a log's head"),
    POSITION_IGNORED("a read does not wait for the position that it demands"),
    LOST_TAIL_NOT_ASKED_FOR("a home that comes back does not ask what its replicas hold"),
    MAJORITY_WAIVED("every failover goes without a majority"),
    SYNC_NOT_WAITED_FOR("a replica's word that it was sent an event counts as its acknowledgement"),
    MEMBERS_CHANGED_TOO_SOON("members change though no majority holds the change before, and nobody waits for one"),
    STRANGER_COUNTED("a candidate counts the promise of a region that is no member");

    private final String bug;

    Mutant(String bug) {
        this.bug = bug;
    }

    String bug() {
        return bug;
    }
}
