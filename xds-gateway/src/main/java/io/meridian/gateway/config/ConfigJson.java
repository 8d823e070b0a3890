package io.meridian.gateway.config;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;

/** Envoy's messages as protobuf's JSON, on one line, map keys sorted, so that equal messages have equal texts. Stateless. */
public final class ConfigJson {
    private ConfigJson() {}

    /**
     * Of a message in a serialized {@code google.protobuf.Any}. What is sensitive reads "[redacted]"; an Any of a type that this version does
     * not know reads {@code {"undecoded": BASE64}}.
     */
    public static String of(ByteString any) {
        try {
            Any wrapped = Any.parseFrom(any);
            Message message = Redaction.of(EnvoyTypes.unpack(wrapped));
            TypeRegistry.Builder types = TypeRegistry.newBuilder();
            EnvoyTypes.within(message).forEach(types::add);
            return JsonFormat.printer()
                    .usingTypeRegistry(types.build())
                    .omittingInsignificantWhitespace()
                    .sortingMapKeys()
                    .print(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("not a message in an Any", e);
        }
    }
}
