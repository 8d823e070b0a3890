package io.meridian.core.admin;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.meridian.api.admin.v1.Event;
import io.meridian.api.admin.v1.EventView;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.model.history.EventSummary;
import io.meridian.model.history.StateDiff;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.EventCodec;
import io.meridian.model.mesh.Evolver;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.UnreadableEventException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Events as the API shows them. One that this version cannot read is shown by its header. */
final class EventViews {
    /** Of a diff; the rest is cut, and the last line says so. */
    static final int MAX_DIFF_CHARS = 1 << 20;

    /** Of a payload as JSON; a larger one is left out. */
    static final int MAX_PAYLOAD_BYTES = 2 << 20;

    private EventViews() {}

    /** An event with the state that it made, if that could be told. */
    record Shown(Event event, Optional<MeshState> after) {}

    static EventSummary summary(EventEnvelope envelope) {
        try {
            return EventSummary.of(envelope.mesh(), EventCodec.decode(envelope));
        } catch (UnreadableEventException e) {
            return new EventSummary("not readable by this version: " + e.getMessage(), List.of());
        }
    }

    /** For views that need no state. */
    static Event show(EventEnvelope envelope, EventSummary summary, EventView view) {
        Event.Builder event = basic(envelope, summary);
        if (view == EventView.RAW) {
            event.setEnvelope(envelope.toProto());
        }
        return event.build();
    }

    /** {@code before}: the state right before it; without one there is no diff. */
    static Shown full(EventEnvelope envelope, EventSummary summary, Optional<MeshState> before) {
        Event.Builder event = basic(envelope, summary);
        payload(envelope)
                .filter(payload -> payload.getSerializedSize() <= MAX_PAYLOAD_BYTES)
                .ifPresent(event::setPayload);
        Optional<MeshState> after = before.flatMap(state -> evolved(state, envelope));
        if (before.isPresent() && after.isPresent()) {
            event.setDiff(cut(StateDiff.unified(StateDiff.between(before.get(), after.get()))));
        }
        return new Shown(event.build(), after);
    }

    static Optional<MeshState> evolved(MeshState before, EventEnvelope envelope) {
        try {
            return Optional.of(Evolver.evolve(before, envelope));
        } catch (UnreadableEventException e) {
            return Optional.empty();
        }
    }

    private static Event.Builder basic(EventEnvelope envelope, EventSummary summary) {
        EventHeader header = envelope.header();
        return Event.newBuilder()
                .setName(Names.of(envelope.mesh(), "events", envelope.position().toString()))
                .setPosition(envelope.position().toProto())
                .setType(header.getType())
                .setTime(header.getWallTime())
                .setActor(header.getActor())
                .setReason(header.getReason())
                .setOriginRegion(header.getOriginRegion())
                .setCommandId(header.getCommandId())
                .setHash(envelope.hash().hex())
                .setPrevHash(envelope.prevHash().hex())
                .setSummary(summary.line())
                .addAllObjects(summary.objects());
    }

    static String cut(String diff) {
        return diff.length() <= MAX_DIFF_CHARS
                ? diff
                : diff.substring(0, MAX_DIFF_CHARS) + "\n... cut: the diff has " + diff.length() + " characters\n";
    }

    /** By the payload's own description rather than by a class, so that no type can be forgotten here. */
    private static Optional<Struct> payload(EventEnvelope envelope) {
        Descriptor type = Envelope.getDescriptor()
                .getFile()
                .findMessageTypeByName(envelope.header().getType());
        if (type == null) {
            return Optional.empty();
        }
        try {
            Struct.Builder struct = Struct.newBuilder();
            String json = JsonFormat.printer().print(DynamicMessage.parseFrom(type, envelope.payload()));
            JsonFormat.parser().merge(json, struct);
            return Optional.of(readable(struct.build()));
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
    }

    /** An Istio object's spec is stored as the bytes of its JSON: shown as the JSON that it is. */
    private static Struct readable(Struct struct) {
        Struct.Builder result = Struct.newBuilder();
        for (Map.Entry<String, Value> field : struct.getFieldsMap().entrySet()) {
            boolean bytes = field.getKey().equals("spec") && field.getValue().hasStringValue();
            result.putFields(field.getKey(), bytes ? spec(field.getValue()) : readable(field.getValue()));
        }
        return result.build();
    }

    private static Value readable(Value value) {
        return switch (value.getKindCase()) {
            case STRUCT_VALUE ->
                Value.newBuilder()
                        .setStructValue(readable(value.getStructValue()))
                        .build();
            case LIST_VALUE -> {
                ListValue.Builder list = ListValue.newBuilder();
                value.getListValue().getValuesList().forEach(item -> list.addValues(readable(item)));
                yield Value.newBuilder().setListValue(list).build();
            }
            default -> value;
        };
    }

    private static Value spec(Value base64) {
        ByteString json = ByteString.copyFrom(Base64.getDecoder().decode(base64.getStringValue()));
        return Value.newBuilder().setStructValue(Views.struct(json)).build();
    }
}
