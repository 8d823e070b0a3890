package io.meridian.chaos.check;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.meridian.api.admin.v1.Branch;
import io.meridian.api.events.v1.BranchEntry;
import io.meridian.api.events.v1.DivergentBranchDetected;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.api.events.v1.ResourceChange;
import io.meridian.api.events.v1.ResourceObject;
import io.meridian.api.events.v1.ResourcesApplied;
import io.meridian.api.events.v1.SegmentOpened;
import io.meridian.api.events.v1.Takeover;
import io.meridian.api.type.v1.ResourceKey;
import io.meridian.chaos.client.Register;
import io.meridian.chaos.history.Outcome;
import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.history.Recorded.Converged;
import io.meridian.chaos.history.Recorded.Fault;
import io.meridian.chaos.history.Recorded.Head;
import io.meridian.chaos.history.Recorded.Move;
import io.meridian.chaos.history.Recorded.Read;
import io.meridian.chaos.history.Recorded.Run;
import io.meridian.chaos.history.Recorded.Served;
import io.meridian.chaos.history.Recorded.Write;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A run that never was: one mesh in three regions, whose log and history a test writes by hand. Left alone it breaks no rule; each test
 * plants what one rule must find. Time is the number of the step.
 */
final class Scene {
    static final String MESH = "m";
    /** The first epochs of eu-1 and us-1. */
    static final long EU = 65;

    static final long US = 66;
    private static final Map<String, Integer> REGIONS = Map.of("eu-1", 1, "us-1", 2, "ap-1", 3);

    private final int syncReplicas;
    private boolean leased;
    private final Map<String, List<Envelope>> logs = new LinkedHashMap<>();
    private final List<Branch> branches = new ArrayList<>();
    private final List<Write> writes = new ArrayList<>();
    private final List<Read> reads = new ArrayList<>();
    private final List<Head> heads = new ArrayList<>();
    private final Map<String, String> gateways = new LinkedHashMap<>();
    private final List<Served> served = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private @Nullable Converged converged = new Converged(Outcome.OK, 1, "");
    private long time;

    Scene(int syncReplicas) {
        this.syncReplicas = syncReplicas;
        REGIONS.keySet().forEach(region -> logs.put(region, new ArrayList<>()));
        opened(EU, "eu-1");
    }

    Scene leased() {
        leased = true;
        return this;
    }

    // ---- the log, the same in all regions unless a test changes one

    Scene opened(long epoch, String home) {
        append(epoch, SegmentOpened.newBuilder().setHomeRegion(home).build(), "open-" + epoch, header -> header);
        return this;
    }

    /** Opened by force, with these regions' promises. */
    Scene takenOver(long epoch, String home, String... promisedBy) {
        SegmentOpened opened = SegmentOpened.newBuilder()
                .setHomeRegion(home)
                .setTakeover(Takeover.newBuilder().addAllPromisedBy(List.of(promisedBy)))
                .build();
        append(epoch, opened, "open-" + epoch, header -> header);
        return this;
    }

    /** The command of write {@code id} in the log. */
    Scene logged(long epoch, String id, String key, long value) {
        return logged(epoch, id, key, value, header -> header);
    }

    Scene logged(long epoch, String id, String key, long value, UnaryOperator<EventHeader.Builder> change) {
        append(epoch, applied(key, value), id, change);
        return this;
    }

    private static ResourcesApplied applied(String key, long value) {
        String spec = "{\"hosts\":[\"v%d.%s.example\"]}".formatted(value, key);
        return ResourcesApplied.newBuilder()
                .addChanges(ResourceChange.newBuilder()
                        .setKey(ResourceKey.newBuilder().setKind(Register.KIND).setName(key))
                        .setPut(ResourceObject.newBuilder().setSpec(ByteString.copyFrom(spec, StandardCharsets.UTF_8))))
                .build();
    }

    private void append(long epoch, MessageLite payload, String id, UnaryOperator<EventHeader.Builder> change) {
        logs.forEach((region, log) -> log.add(sealed(
                log,
                change.apply(EventHeader.newBuilder()
                        .setMesh(MESH)
                        .setEpoch(epoch)
                        .setSeq(log.size() + 1)
                        .setType(payload.getClass().getSimpleName())
                        .setCommandId(id)
                        .setEventsInCommand(1)
                        .setWriterIncarnation("life-" + epoch)),
                payload)));
    }

    private static Envelope sealed(List<Envelope> log, EventHeader.Builder header, MessageLite payload) {
        ByteString previous = log.isEmpty()
                ? ByteString.copyFrom(new byte[32])
                : log.getLast().getHash();
        ByteString bytes = header.setPrevHash(previous).build().toByteString();
        ByteString body = payload.toByteString();
        return Envelope.newBuilder()
                .setHeader(bytes)
                .setPayload(body)
                .setHash(sha256(bytes.concat(sha256(body))))
                .build();
    }

    private static ByteString sha256(ByteString bytes) {
        try {
            return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    Scene in(String region, Consumer<List<Envelope>> change) {
        List<Envelope> log = logs.get(region);
        if (log == null) {
            throw new IllegalArgumentException(region);
        }
        change.accept(log);
        return this;
    }

    Scene branch(String id, Position at) {
        branches.add(Branch.newBuilder()
                .setName("b")
                .addEntries(BranchEntry.newBuilder()
                        .setCommandId(id)
                        .setLast(io.meridian.api.type.v1.Position.newBuilder()
                                .setEpoch(at.epoch())
                                .setSeq(at.seq())))
                .build());
        return this;
    }

    /**
     * The new home's record of a write that was left behind, next in the log.
     *
     * @param fork the seq of the last event that it had in common with the current branch
     */
    Scene detected(long epoch, long forkEpoch, int fork, String id, String key, long value) {
        List<Envelope> common = logs.getOrDefault("eu-1", List.of()).subList(0, fork);
        Envelope left = sealed(
                common,
                EventHeader.newBuilder()
                        .setMesh(MESH)
                        .setEpoch(forkEpoch)
                        .setSeq(fork + 1)
                        .setType(ResourcesApplied.class.getSimpleName())
                        .setCommandId(id)
                        .setEventsInCommand(1)
                        .setWriterIncarnation("life-" + forkEpoch),
                applied(key, value));
        append(
                epoch,
                DivergentBranchDetected.newBuilder().addEnvelopes(left).build(),
                "detected-" + id,
                header -> header);
        return this;
    }

    // ---- the history

    /** Called and acknowledged, in the next two steps. */
    Scene ok(String id, String key, long value, Position position) {
        return write(id, key, value, null, time + 1, time + 2, Outcome.OK, position);
    }

    Scene cas(String id, String key, long value, Position expected, Position position) {
        return write(id, key, value, expected, time + 1, time + 2, Outcome.OK, position);
    }

    Scene notOk(String id, Outcome outcome) {
        return write(id, "k", 1, null, time + 1, time + 2, outcome, null);
    }

    Scene write(
            String id,
            String key,
            long value,
            @Nullable Position expected,
            long invoked,
            long completed,
            Outcome outcome,
            @Nullable Position position) {
        writes.add(new Write("0", id, MESH, key, value, expected, invoked, completed, outcome, position));
        time = Math.max(time, completed);
        return this;
    }

    /** In us-1. */
    Scene read(@Nullable Position demanded, boolean fresh, Position position, Map<String, Long> values) {
        return readIn("us-1", demanded, fresh, position, values);
    }

    Scene readIn(
            String region, @Nullable Position demanded, boolean fresh, Position position, Map<String, Long> values) {
        reads.add(
                new Read("1", MESH, region, demanded, fresh, time + 1, time + 2, Outcome.OK, position, values, false));
        time += 2;
        return this;
    }

    /** Said by us-1. */
    Scene rolledBack(Position demanded) {
        reads.add(new Read("1", MESH, "us-1", demanded, true, time + 1, time + 2, Outcome.FAIL, null, Map.of(), true));
        time += 2;
        return this;
    }

    Scene head(String region, Position position, String stateHash) {
        heads.add(new Head(++time, region, MESH, position, "eu-1", stateHash));
        return this;
    }

    /** By the region's gateway, which is there from then on. */
    Scene served(String region, Map<String, Long> values) {
        gateways.put(region + "-gateway", region);
        served.add(new Served(++time, region + "-gateway", MESH, values));
        return this;
    }

    /** A gateway that serves nothing, unless it is told to. */
    Scene gateway(String region) {
        gateways.put(region + "-gateway", region);
        return this;
    }

    /** So much time goes by. */
    Scene later(Duration passed) {
        time += passed.toNanos();
        return this;
    }

    /** What comes until {@link #diskPutBack} is lost with that region's disk. */
    Scene diskCopied(String region) {
        faults.add(
                new Fault(++time, "restore-old", "start", "old disk of " + region, Set.of(region), Set.of(), Map.of()));
        return this;
    }

    /** The region's gateway, which comes back with the copy that it had. */
    Scene gatewayKilled(String region) {
        faults.add(new Fault(
                ++time, "gateway-kill", "start", "kill -9 of " + region + "-gateway", Set.of(), Set.of(), Map.of()));
        return this;
    }

    Scene diskPutBack(String region) {
        faults.add(new Fault(
                ++time, "restore-old", "heal", "old disk of " + region, Set.of(region), Set.of(region), Map.of()));
        faults.add(new Fault(
                ++time, "restore-old", "healed", "old disk of " + region, Set.of(region), Set.of(), Map.of()));
        return this;
    }

    Scene converged(@Nullable Converged next) {
        converged = next;
        return this;
    }

    // ---- the judgement

    private List<Verdict> judge() {
        Collected collected = new Collected();
        logs.forEach((region, log) -> collected.put(MESH, region, log, branches));
        Recorded recorded = new Recorded(
                new Run(1, REGIONS, Map.of(MESH, syncReplicas), leased, gateways),
                writes,
                reads,
                heads,
                served,
                List.<Move>of(),
                faults,
                converged);
        return Checker.check(recorded, collected);
    }

    Verdict verdict(String rule) {
        return judge().stream()
                .filter(verdict -> verdict.rule().equals(rule))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no rule " + rule));
    }

    /** The rules that are broken. */
    List<String> broken() {
        return judge().stream()
                .filter(verdict -> !verdict.holds())
                .map(Verdict::rule)
                .toList();
    }
}
