package io.meridian.gateway.config;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The classes of messages that come in an Any, found by their names. Thread-safe. */
final class EnvoyTypes {
    /** Proto package to where its classes are. */
    private static final Map<String, String> PACKAGES = Map.of(
            "envoy.", "io.envoyproxy.envoy.",
            "xds.", "com.github.xds.",
            "udpa.", "com.github.udpa.udpa.",
            "google.protobuf.", "com.google.protobuf.",
            "google.rpc.", "com.google.rpc.");

    private static final Map<String, Optional<Message>> DEFAULTS = new ConcurrentHashMap<>();

    private EnvoyTypes() {}

    /** The message; of an unknown type its bytes as text. */
    static Message unpack(Any any) throws InvalidProtocolBufferException {
        String name = any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('/') + 1);
        Optional<Message> known = DEFAULTS.computeIfAbsent(name, EnvoyTypes::find);
        return known.isPresent() ? known.get().getParserForType().parseFrom(any.getValue()) : undecoded(any);
    }

    /** Types that a server names in what it compiles, and no others: nothing that a client says comes here. */
    private static Optional<Message> find(String name) {
        for (Map.Entry<String, String> place : PACKAGES.entrySet()) {
            if (name.startsWith(place.getKey())) {
                String type = place.getValue() + name.substring(place.getKey().length());
                try {
                    Object instance =
                            Class.forName(type).getMethod("getDefaultInstance").invoke(null);
                    return instance instanceof Message message ? Optional.of(message) : Optional.empty();
                } catch (ReflectiveOperationException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static Struct undecoded(Any any) {
        return Struct.newBuilder()
                .putFields(
                        "undecoded",
                        Value.newBuilder()
                                .setStringValue(Base64.getEncoder()
                                        .encodeToString(any.getValue().toByteArray()))
                                .build())
                .putFields(
                        "type",
                        Value.newBuilder().setStringValue(any.getTypeUrl()).build())
                .build();
    }

    /** The types of all messages in an Any within {@code message}, at any depth. */
    static Set<Descriptor> within(Message message) throws InvalidProtocolBufferException {
        Set<Descriptor> types = new HashSet<>();
        collect(message, types);
        return types;
    }

    private static void collect(Message message, Set<Descriptor> into) throws InvalidProtocolBufferException {
        if (message instanceof Any any) {
            Message inner = unpack(any);
            into.add(inner.getDescriptorForType());
            collect(inner, into);
            return;
        }
        for (Object value : message.getAllFields().values()) {
            if (value instanceof Message child) {
                collect(child, into);
            } else if (value instanceof List<?> list) {
                for (Object element : list) {
                    if (element instanceof Message child) {
                        collect(child, into);
                    }
                }
            }
        }
    }
}
