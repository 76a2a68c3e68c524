# Warnings are errors everywhere in our own code; sanitizers by option.
add_library(r1v_flags INTERFACE)
target_compile_options(r1v_flags INTERFACE -Wall -Wextra -Wshadow -Wno-missing-field-initializers -Werror)
if(R1V_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(R1V_SANITIZE_THREADS)
  # no-tsan: Boost's counters use a fence that ThreadSanitizer does not see
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
  add_link_options(-fsanitize=thread)
endif()
