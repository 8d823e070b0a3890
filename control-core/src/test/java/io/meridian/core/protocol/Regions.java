package io.meridian.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.api.replication.v1.Moved;
import io.meridian.api.replication.v1.Refused;
import io.meridian.api.type.v1.Actor;
import io.meridian.model.istio.IstioRules;
import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandOutcome;
import io.meridian.model.mesh.CommandRequest;
import io.meridian.model.mesh.Decider;
import io.meridian.model.mesh.MeshCommand;
import io.meridian.model.mesh.Origin;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogEvent;
import io.meridian.persistence.LogState;
import io.meridian.persistence.Manifest;
import io.meridian.persistence.ManifestEvent;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Regions whose protocol runs in memory. Writes are durable at once unless a region's disk is held; calls between regions that reach each other are
 * answered at once; logs are copied when the test says so. Time stands still until the test moves it.
 */
final class Regions {
    static final MeshId MESH = new MeshId("bookinfo");
    private static final Actor ALICE =
            Actor.newBuilder().setSubject("alice").setChannel("cli").build();

    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final Set<Set<String>> cut = new HashSet<>();
    private long nowMillis = 1_000_000;
    private int commands;

    /** Indexes from 1 on. A name that ends in "?" is a witness's, one that ends in "+" a region's in reserve. */
    Regions(String... names) {
        int index = 1;
        for (String name : names) {
            RegionId id = new RegionId(name.replaceAll("[?+]", ""), index++);
            nodes.put(id.name(), new Node(id, name.endsWith("?"), name.endsWith("+")));
        }
        nodes.values().forEach(Node::tick);
    }

    Node node(String name) {
        return Objects.requireNonNull(nodes.get(name), name);
    }

    void cut(String a, String b) {
        cut.add(Set.of(a, b));
    }

    void heal() {
        cut.clear();
    }

    private boolean reaches(Node a, Node b) {
        return a.up && b.up && !cut.contains(Set.of(a.id.name(), b.id.name()));
    }

    /** Moves the clocks, and lets everybody act on it. */
    void pass(long millis) {
        long left = millis;
        while (left > 0) {
            long step = Math.min(left, 50);
            nowMillis += step;
            left -= step;
            nodes.values().stream().filter(node -> node.up).forEach(Node::tick);
        }
    }

    Origin origin(String reason) {
        return new Origin("op-" + ++commands, ALICE, reason, "eu-1");
    }

    CommandRequest request(MeshCommand command) {
        return request("cmd-" + ++commands, command);
    }

    CommandRequest request(String id, MeshCommand command) {
        return new CommandRequest(MESH, id, ALICE, "a test", "eu-1", Optional.empty(), false, command);
    }

    /** Copies the log of {@code from} to {@code to} as a follower would, forks included, and tells {@code from} what is held. */
    void replicate(String from, String to) {
        Node source = node(from);
        Node replica = node(to);
        if (!reaches(source, replica) || replica.witness) {
            return;
        }
        List<EventEnvelope> branch = source.log();
        long fork = 0;
        List<EventEnvelope> own = replica.log();
        while (fork < Math.min(own.size(), branch.size())
                && own.get((int) fork).hash().equals(branch.get((int) fork).hash())) {
            fork++;
        }
        List<EventEnvelope> missing = branch.subList((int) fork, branch.size());
        if (!missing.isEmpty()) {
            replica.append(missing, source.state().durable().head().position().epoch());
        }
        source.take(new Input.Acknowledged(replica.id, replica.state().durable().head()));
    }

    /** To every region that can be reached. */
    void replicateAll(String from) {
        nodes.keySet().stream().filter(name -> !name.equals(from)).forEach(name -> replicate(from, name));
    }

    /** One region. */
    final class Node {
        final RegionId id;
        private final boolean witness;
        private final boolean reserve;
        private final List<ManifestEvent> manifest = new ArrayList<>();
        private final Map<Epoch, List<EventEnvelope>> segments = new HashMap<>();
        private final Deque<Input> inbox = new ArrayDeque<>();
        private MeshProtocol protocol;
        private ProtocolState state;
        private Output.@Nullable Write unwritten;
        private boolean taking;
        private boolean reopening;
        private int incarnation;
        private long token;

        boolean up = true;
        boolean diskHeld;
        final Set<String> unheard = new HashSet<>();
        private final Map<String, Head> told = new HashMap<>();
        final Told<CommandOutcome> answers = new Told<>();
        final Told<Epoch> elsewhere = new Told<>();
        final Told<Moved> moved = new Told<>();
        final Told<Refused> refused = new Told<>();
        final Told<Output.PromiseAnswered> promises = new Told<>();
        final Told<Output.Appended> appends = new Told<>();
        final Told<Output.LeaseGiven> leases = new Told<>();
        final Told<Output.BranchAnswered> branches = new Told<>();
        final Told<Output.MembersKept> keptNotes = new Told<>();
        final List<String> notices = new ArrayList<>();

        private Node(RegionId id, boolean witness, boolean reserve) {
            this.id = id;
            this.witness = witness;
            this.reserve = reserve;
            protocol = newProtocol();
            state = ProtocolState.opened(Manifest.empty(MESH), LogState.empty(MESH), false, moment());
        }

        private MeshProtocol newProtocol() {
            incarnation++;
            return new MeshProtocol(
                    new ProtocolSettings(
                            id,
                            witness,
                            reserve,
                            id.name() + "-" + incarnation,
                            new ProtocolSettings.Limits(100, 1 << 20, 100, 1 << 20, 100, 10),
                            ProtocolSettings.Timing.DEFAULT),
                    new Decider(new IstioRules()));
        }

        ProtocolState state() {
            return state;
        }

        Head head() {
            return state.durable().head();
        }

        private Moment moment() {
            List<PeerView> peers = nodes.values().stream()
                    .filter(other -> other != this)
                    .map(this::view)
                    .toList();
            return new Moment(nowMillis, Instant.EPOCH.plusMillis(nowMillis), peers);
        }

        private PeerView view(Node other) {
            boolean reachable = reaches(this, other);
            String name = other.id.name();
            if (unheard.contains(name)) {
                told.remove(name);
            } else if (reachable && other.state != null) {
                told.put(name, other.head());
            }
            Optional<Head> head = Optional.ofNullable(told.get(name));
            Epoch promised =
                    reachable && other.state != null ? other.state.manifest().promised() : Epoch.NONE;
            return new PeerView(
                    other.id,
                    other.witness,
                    reachable,
                    head.isPresent(),
                    head.filter(one -> !one.isEmpty()),
                    promised,
                    other.reserve);
        }

        void tick() {
            take(new Input.Tick());
        }

        void take(Input input) {
            inbox.add(input);
            if (taking) {
                return;
            }
            taking = true;
            while (!inbox.isEmpty()) {
                MeshProtocol.Step step = protocol.step(state, moment(), inbox.remove());
                state = step.state();
                step.outputs().forEach(this::carryOut);
                if (reopening) {
                    reopening = false;
                    protocol.abandon(state, moment(), "reopened").forEach(this::carryOut);
                    read(true);
                }
            }
            taking = false;
        }

        private void carryOut(Output output) {
            switch (output) {
                case Output.Reopen reopen -> reopening = true;
                case Output.Write write -> {
                    unwritten = write;
                    if (!diskHeld) {
                        writeNow();
                    }
                }
                case Output.Answer(var asked, var outcome) -> answers.put(asked, outcome);
                case Output.NotHome(var asked, var epoch) -> elsewhere.put(asked, epoch);
                case Output.HomeMoved(var asked, var told) -> moved.put(asked, told);
                case Output.MoveRefused(var asked, var told) -> refused.put(asked, told);
                case Output.PromiseAnswered answered -> promises.put(answered.token(), answered);
                case Output.Appended appended -> appends.put(appended.token(), appended);
                case Output.LeaseGiven given -> leases.put(given.token(), given);
                case Output.BranchAnswered answered -> branches.put(answered.token(), answered);
                case Output.Notice(var level, var message) -> notices.add(message);
                case Output.AskPromise ask -> ask(ask);
                case Output.AskLease ask -> ask(ask);
                case Output.TellMembers tell -> tell(tell);
                case Output.MembersKept kept -> keptNotes.put(kept.token(), kept);
                case Output.Fetch fetch -> fetch(fetch);
                case Output.ReportTail report -> report(report);
                case Output.ReadHashes(var append, var seqs) -> {
                    Map<Long, Hash> stored = new HashMap<>();
                    seqs.forEach(
                            seq -> stored.put(seq, log().get((int) (seq - 1)).hash()));
                    take(new Input.Append(append.token(), append.sourceEpoch(), append.envelopes(), stored));
                }
                case Output.Unjudged(var asked, var fault) -> throw fault;
                case Output.AppendFailed failed -> {}
                case Output.HeadMoved moved -> {}
                case Output.Moving moving -> {}
            }
        }

        /** What was held becomes durable, and everything after it. */
        void releaseDisk() {
            diskHeld = false;
            writeNow();
        }

        private void writeNow() {
            Output.Write write = unwritten;
            if (write == null) {
                return;
            }
            unwritten = null;
            manifest.addAll(write.manifest());
            write.segment()
                    .ifPresent(segment -> segment.events().stream()
                            .map(LogEvent::envelope)
                            .forEach(segments.computeIfAbsent(segment.epoch(), epoch -> new ArrayList<>())::add));
            take(new Input.Written());
        }

        private void ask(Output.AskPromise ask) {
            Node other = node(ask.region().name());
            if (!reaches(this, other)) {
                take(new Input.PromiseMissing(ask.region(), ask.epoch(), "silence"));
                return;
            }
            long asked = other.promise(id.name(), ask.epoch(), ask.head(), ask.automatic());
            Output.PromiseAnswered answer = other.promises.get(asked);
            if (answer != null) {
                take(
                        answer.granted()
                                ? new Input.PromiseGranted(
                                        other.id, ask.epoch(), answer.head(), answer.witness(), answer.members())
                                : new Input.PromiseRefused(other.id, ask.epoch(), answer.promised(), answer.why()));
            }
        }

        long promise(String candidate, Epoch epoch, boolean automatic) {
            return promise(candidate, epoch, Position.before(MESH), automatic);
        }

        long promise(String candidate, Epoch epoch, Position head, boolean automatic) {
            take(new Input.PromiseAsked(++token, candidate, epoch, head, automatic));
            return token;
        }

        private void tell(Output.TellMembers tell) {
            Node other = node(tell.region().name());
            if (reaches(this, other)) {
                long asked = ++other.token;
                other.take(new Input.MembersTold(asked, id.name(), tell.note()));
                Output.MembersKept kept = other.keptNotes.get(asked);
                if (kept != null) {
                    take(new Input.MembersKept(other.id, kept.at()));
                }
            }
        }

        private void ask(Output.AskLease ask) {
            Node other = node(ask.region().name());
            if (reaches(this, other)) {
                long asked = ++other.token;
                other.take(new Input.LeaseAsked(asked, ask.epoch(), ask.lengthMillis()));
                take(new Input.LeaseAnswered(
                        other.id, ask.epoch(), other.leases.of(asked).granted(), ask.sentAtMillis()));
            }
        }

        private void fetch(Output.Fetch fetch) {
            Node other = node(fetch.region().name());
            take(
                    reaches(this, other)
                            ? new Input.Fetched(
                                    other.id,
                                    fetch.afterSeq(),
                                    other.log().stream()
                                            .skip(fetch.afterSeq())
                                            .limit(fetch.max())
                                            .toList())
                            : new Input.FetchFailed(other.id, "silence"));
        }

        private void report(Output.ReportTail report) {
            Node home = node(report.home());
            if (home == this || reaches(this, home)) {
                List<EventEnvelope> tail = branch(state.manifest().before(report.tail())).stream()
                        .filter(event -> event.seq() > report.afterSeq()
                                && event.seq()
                                        <= report.tail().last().position().seq())
                        .toList();
                Head fork = report.tail().fork();
                Optional<Hash> own = home.log().stream()
                        .filter(event -> event.seq() == fork.position().seq())
                        .map(EventEnvelope::hash)
                        .findFirst();
                home.take(new Input.BranchReported(++home.token, id.name(), fork, tail, own));
            }
        }

        /** The current branch, as the journal has it. */
        List<EventEnvelope> log() {
            return branch(manifestOnDisk());
        }

        private Manifest manifestOnDisk() {
            Manifest all = Manifest.empty(MESH);
            for (ManifestEvent event : manifest) {
                all = all.next(event);
            }
            return all;
        }

        private List<EventEnvelope> branch(Manifest listed) {
            List<EventEnvelope> events = new ArrayList<>();
            for (Manifest.Segment segment : listed.segments()) {
                segments.getOrDefault(segment.epoch(), List.of()).stream()
                        .filter(event -> event.seq() <= listed.lastSeqOf(segment))
                        .forEach(events::add);
            }
            return events;
        }

        /** Ends the process: what is not durable is gone, and so is everything in memory. */
        void kill() {
            up = false;
            unwritten = null;
            inbox.clear();
            told.clear();
        }

        /** Starts it again from its disk. */
        void start() {
            up = true;
            diskHeld = false;
            protocol = newProtocol();
            read(false);
            tick();
        }

        private void read(boolean ownWork) {
            LogState log = LogState.empty(MESH);
            for (EventEnvelope event : log()) {
                log = log.next(event);
            }
            state = ProtocolState.opened(manifestOnDisk(), log, ownWork, moment());
        }

        /** Nothing is left. */
        void loseDisk() {
            manifest.clear();
            segments.clear();
        }

        /** An old copy of the disk: what came after {@code seq} was never written. */
        void restore(long seq) {
            manifest.removeIf(event -> event instanceof ManifestEvent.SegmentListed listed && listed.baseSeq() >= seq);
            segments.values().forEach(events -> events.removeIf(event -> event.seq() > seq));
        }

        /** What puts this moment's copy of the disk back, promises and all. */
        Runnable backup() {
            List<ManifestEvent> listed = List.copyOf(manifest);
            Map<Epoch, List<EventEnvelope>> stored = new HashMap<>();
            segments.forEach((epoch, events) -> stored.put(epoch, List.copyOf(events)));
            return () -> {
                forget();
                manifest.addAll(listed);
                stored.forEach((epoch, events) -> segments.put(epoch, new ArrayList<>(events)));
            };
        }

        /** Nothing of the mesh is left on its disk. */
        void forget() {
            manifest.clear();
            segments.clear();
        }

        long send(MeshCommand command) {
            return send(request(command));
        }

        long send(CommandRequest request) {
            take(new Input.Execute(++token, request, Epoch.NONE, nowMillis + 30_000));
            return token;
        }

        long send(CommandRequest request, Epoch expected) {
            take(new Input.Execute(++token, request, expected, nowMillis + 30_000));
            return token;
        }

        /** A command that has to be accepted. */
        CommandOutcome.Accepted accept(MeshCommand command) {
            long asked = send(command);
            assertThat(answers.of(asked)).isInstanceOf(CommandOutcome.Accepted.class);
            return (CommandOutcome.Accepted) answers.of(asked);
        }

        void append(List<EventEnvelope> envelopes, Epoch sourceEpoch) {
            long asked = ++token;
            take(new Input.Append(asked, sourceEpoch, envelopes, Map.of()));
            Acceptance stopped = appends.of(asked).stopped();
            assertThat(stopped).as("what stopped the append in %s", id).isNull();
        }

        @Nullable
        Acceptance appendStopped(List<EventEnvelope> envelopes, Epoch sourceEpoch) {
            long asked = ++token;
            take(new Input.Append(asked, sourceEpoch, envelopes, Map.of()));
            Output.Appended appended = appends.get(asked);
            return appended == null ? null : appended.stopped();
        }

        long handover(String to) {
            return handover(origin("drill"), to);
        }

        long handover(Origin origin, String to) {
            take(new Input.Handover(++token, origin, to));
            return token;
        }

        long failover(boolean withoutMajority) {
            return failover(origin("the home is gone"), withoutMajority);
        }

        long failover(Origin origin, boolean withoutMajority) {
            take(new Input.Failover(++token, origin, withoutMajority));
            return token;
        }
    }
}
