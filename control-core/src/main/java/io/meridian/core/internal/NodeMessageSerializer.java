package io.meridian.core.internal;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.commands.v1.CommandResponse;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.events.v1.MeshSnapshot;
import io.meridian.model.log.Acceptance;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.mesh.CommandCodec;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.Position;
import io.meridian.persistence.LogState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/**
 * What travels between the nodes of one region: protobuf messages of our contracts, framed with lengths, and the address of who waits. The manifest
 * names the form; a change of a form is a new manifest. Thread-safe.
 */
public final class NodeMessageSerializer extends SerializerWithStringManifest {
    /** Configured by meridian/region.conf. */
    private static final int IDENTIFIER = 641_002;

    private static final String EXECUTE = "Execute2";
    private static final String APPEND = "Append2";
    private static final String ACKNOWLEDGED = "Acknowledged1";
    private static final String CALL = "Call1";
    private static final String POKE = "Poke1";
    private static final String CALL_ANSWER = "CallAnswer1";
    private static final String CALL_STEP = "CallStep1";
    private static final String CALL_FAILED = "CallFailed1";
    private static final String GET_STATE = "GetState1";
    private static final String STOP = "Stop1";
    private static final String OUTCOME = "Outcome1";
    private static final String NOT_HOME = "NotHome1";
    private static final String COMMAND_FAILED = "CommandFailed1";
    private static final String APPENDED = "Appended1";
    private static final String APPEND_FAILED = "AppendFailed1";
    private static final String CURRENT_STATE = "CurrentState1";
    private static final String STATE_FAILED = "StateFailed1";

    private final ActorRefResolver resolver;

    public NodeMessageSerializer(ExtendedActorSystem system) {
        resolver = ActorRefResolver.get(Adapter.toTyped(system));
    }

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object object) {
        return switch (travelling(object)) {
            case MeshMessage.Execute execute -> EXECUTE;
            case MeshMessage.Append append -> APPEND;
            case MeshMessage.Acknowledged acknowledged -> ACKNOWLEDGED;
            case MeshMessage.Call call -> CALL;
            case MeshMessage.Poke poke -> POKE;
            case MeshMessage.CallAnswer answer -> CALL_ANSWER;
            case MeshMessage.CallStep step -> CALL_STEP;
            case MeshMessage.CallFailed failed -> CALL_FAILED;
            case MeshMessage.GetState get -> GET_STATE;
            case MeshMessage.Stop stop -> STOP;
            case MeshMessage.Outcome outcome -> OUTCOME;
            case MeshMessage.NotHome notHome -> NOT_HOME;
            case MeshMessage.CommandFailed failed -> COMMAND_FAILED;
            case MeshMessage.Appended appended -> APPENDED;
            case MeshMessage.AppendFailed failed -> APPEND_FAILED;
            case MeshMessage.CurrentState state -> CURRENT_STATE;
            case MeshMessage.StateFailed failed -> STATE_FAILED;
        };
    }

    @Override
    public byte[] toBinary(Object object) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            write(travelling(object), out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private void write(MeshMessage.Travelling message, DataOutputStream out) throws IOException {
        switch (message) {
            case MeshMessage.Execute(var request, var expected, var timeout, var replyTo) -> {
                writeRef(out, replyTo);
                out.writeLong(expected.value());
                out.writeLong(timeout.toMillis());
                writeBytes(out, CommandCodec.toProto(request).toByteString());
            }
            case MeshMessage.Append(var sourceEpoch, var envelopes, var replyTo) -> {
                writeRef(out, replyTo);
                out.writeLong(sourceEpoch.value());
                out.writeInt(envelopes.size());
                for (EventEnvelope envelope : envelopes) {
                    writeBytes(out, envelope.toProto().toByteString());
                }
            }
            case MeshMessage.Acknowledged(var region, var head) -> {
                out.writeUTF(region);
                writeHead(out, head);
            }
            case MeshMessage.Call(var request, var replyTo) -> {
                writeRef(out, replyTo);
                CallFrame.write(out, request);
            }
            case MeshMessage.Poke poke -> {}
            case MeshMessage.CallAnswer(var response) -> CallFrame.write(out, response);
            case MeshMessage.CallStep(var text) -> writeText(out, text);
            case MeshMessage.CallFailed(var text) -> writeText(out, text);
            case MeshMessage.GetState(var replyTo) -> writeRef(out, replyTo);
            case MeshMessage.Stop stop -> {}
            case MeshMessage.Outcome(var outcome) ->
                writeBytes(out, CommandCodec.toProto(outcome).toByteString());
            case MeshMessage.NotHome(var epoch) -> out.writeLong(epoch.value());
            case MeshMessage.CommandFailed(var text) -> writeText(out, text);
            case MeshMessage.Appended(var head, var stopped) -> {
                writeHead(out, head);
                AcceptanceFrame.write(out, stopped);
            }
            case MeshMessage.AppendFailed(var text) -> writeText(out, text);
            case MeshMessage.CurrentState(var state) -> writeBytes(out, SnapshotCodec.bytes(state.state()));
            case MeshMessage.StateFailed(var text) -> writeText(out, text);
        }
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return read(in, manifest);
        } catch (IOException | IllegalArgumentException e) {
            NotSerializableException unreadable =
                    new NotSerializableException("a message '" + manifest + "' cannot be read: " + e.getMessage());
            unreadable.initCause(e);
            throw unreadable;
        }
    }

    private MeshMessage.Travelling read(DataInputStream in, String manifest) throws IOException {
        return switch (manifest) {
            case EXECUTE -> {
                ActorRef<MeshMessage.CommandReply> replyTo = readRef(in);
                Epoch expected = new Epoch(in.readLong());
                Duration timeout = Duration.ofMillis(in.readLong());
                var request = io.meridian.api.commands.v1.CommandRequest.parseFrom(readBytes(in));
                yield new MeshMessage.Execute(CommandCodec.toRequest(request), expected, timeout, replyTo);
            }
            case APPEND -> {
                ActorRef<MeshMessage.AppendReply> replyTo = readRef(in);
                Epoch sourceEpoch = new Epoch(in.readLong());
                yield new MeshMessage.Append(sourceEpoch, readEnvelopes(in), replyTo);
            }
            case ACKNOWLEDGED -> new MeshMessage.Acknowledged(in.readUTF(), readHead(in));
            case CALL -> {
                ActorRef<MeshMessage.CallReply> replyTo = readRef(in);
                yield new MeshMessage.Call(CallFrame.read(in), replyTo);
            }
            case POKE -> MeshMessage.Poke.INSTANCE;
            case CALL_ANSWER -> new MeshMessage.CallAnswer(CallFrame.read(in));
            case CALL_STEP -> new MeshMessage.CallStep(readText(in));
            case CALL_FAILED -> new MeshMessage.CallFailed(readText(in));
            case GET_STATE -> new MeshMessage.GetState(readRef(in));
            case STOP -> MeshMessage.Stop.INSTANCE;
            case OUTCOME -> new MeshMessage.Outcome(CommandCodec.toOutcome(CommandResponse.parseFrom(readBytes(in))));
            case NOT_HOME -> new MeshMessage.NotHome(new Epoch(in.readLong()));
            case COMMAND_FAILED -> new MeshMessage.CommandFailed(readText(in));
            case APPENDED -> {
                Head head = readHead(in);
                Acceptance stopped = AcceptanceFrame.read(in);
                yield new MeshMessage.Appended(head, stopped);
            }
            case APPEND_FAILED -> new MeshMessage.AppendFailed(readText(in));
            case CURRENT_STATE ->
                new MeshMessage.CurrentState(LogState.of(SnapshotCodec.toState(MeshSnapshot.parseFrom(readBytes(in)))));
            case STATE_FAILED -> new MeshMessage.StateFailed(readText(in));
            default -> throw new IllegalArgumentException("this version does not know it");
        };
    }

    private static MeshMessage.Travelling travelling(Object object) {
        if (object instanceof MeshMessage.Travelling travelling) {
            return travelling;
        }
        throw new IllegalArgumentException("does not travel between nodes: " + object.getClass());
    }

    private void writeRef(DataOutputStream out, ActorRef<?> ref) throws IOException {
        out.writeUTF(resolver.toSerializationFormat(ref));
    }

    private <T> ActorRef<T> readRef(DataInputStream in) throws IOException {
        return resolver.resolveActorRef(in.readUTF());
    }

    private static void writeHead(DataOutputStream out, Head head) throws IOException {
        writeBytes(out, head.position().toProto().toByteString());
        writeBytes(out, head.hash().bytes());
    }

    private static Head readHead(DataInputStream in) throws IOException {
        Position position = Position.of(io.meridian.api.type.v1.Position.parseFrom(readBytes(in)));
        return new Head(position, new Hash(readBytes(in)));
    }

    private static List<EventEnvelope> readEnvelopes(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<EventEnvelope> envelopes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            envelopes.add(EventEnvelope.of(Envelope.parseFrom(readBytes(in))));
        }
        return envelopes;
    }

    private static void writeBytes(DataOutputStream out, ByteString bytes) throws IOException {
        out.writeInt(bytes.size());
        bytes.writeTo(out);
    }

    private static ByteString readBytes(DataInputStream in) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > in.available()) {
            throw new InvalidProtocolBufferException(
                    "a part of " + size + " bytes where " + in.available() + " are left");
        }
        return ByteString.copyFrom(in.readNBytes(size));
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        writeBytes(out, ByteString.copyFromUtf8(text));
    }

    private static String readText(DataInputStream in) throws IOException {
        return readBytes(in).toStringUtf8();
    }
}
