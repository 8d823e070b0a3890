package io.meridian.cli.training;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCalls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers every call of the given services with a message that is empty but for one element in each list, so that a client has something to print. */
final class EchoServices extends HandlerRegistry {
    private static final int MAX_DEPTH = 4;

    private final List<ServiceDescriptor> services;

    EchoServices(List<ServiceDescriptor> services) {
        this.services = List.copyOf(services);
    }

    @Override
    public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
        for (ServiceDescriptor service : services) {
            for (MethodDescriptor<?, ?> method : service.getMethods()) {
                if (method.getFullMethodName().equals(name)) {
                    return definition(method);
                }
            }
        }
        return null;
    }

    private static <Q, R> ServerMethodDefinition<Q, R> definition(MethodDescriptor<Q, R> method) {
        return ServerMethodDefinition.create(
                method, ServerCalls.asyncServerStreamingCall((Q request, io.grpc.stub.StreamObserver<R> answers) -> {
                    answers.onNext(answer(method));
                    answers.onCompleted();
                }));
    }

    private static <R> R answer(MethodDescriptor<?, R> method) {
        R empty = method.parseResponse(java.io.InputStream.nullInputStream());
        if (empty instanceof Message message) {
            MessageLite filled = filled(message, 0);
            return method.parseResponse(filled.toByteString().newInput());
        }
        return empty;
    }

    private static Message filled(Message empty, int depth) {
        Message.Builder builder = empty.toBuilder();
        for (FieldDescriptor field : empty.getDescriptorForType().getFields()) {
            if (depth < MAX_DEPTH
                    && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                    && !field.isMapField()
                    && !field.getMessageType().getFullName().startsWith("google.protobuf.")) {
                Message value = filled(builder.newBuilderForField(field).build(), depth + 1);
                if (field.isRepeated()) {
                    builder.addRepeatedField(field, value);
                } else if (field.getContainingOneof() == null) {
                    builder.setField(field, value);
                }
            }
        }
        return builder.build();
    }
}
