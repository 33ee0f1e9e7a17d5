"""What mail about accounts and subscriptions talks about, in Kazakh, Russian, Turkish and English.

A table of stems for each meaning; see core.lexicon for how they are read.
"""

from __future__ import annotations

from postclerk.core.lexicon import Lexicon

_MEANINGS = {
    "confirm": """
        confirm verif validat activat authenticate_your initiali yes_subscribe yes_sign yes_i_want yes_add
        yes_it_s this_is_my
        подтверд подтвержд активир активац верифи проверочн да_хочу да_подпи да_это_я это_мой
        onay doğrula etkinleştir aktif aktiv teyit evet_abone evet_ist evet_kayd
        раста құпта белсендір белсенді_ет іске_қос активта активтен верифик иә_жазыл иә_қос
    """,
    "finish": """
        just_one_click one_click_away one_click_left бір_ақ tek_bir_tık tek_tık
        =complete completing completion =completes t_completed not_completed yet_completed finish finali one_click
        last_step final_step almost_done almost_there nearly_there one_more_step
        one_last one_quick one_step
        заверш законч окончания_регистр окончить_регистр остал_один остал_последн остал_всего остал_только последн_шаг
        один_шаг почти_готов
        почти_все
        tamamlama tamamlayı tamamlayab =tamamla bitir son_adım son_bir tek_adım bir_adım az_kaldı neredeyse
        аяқтау аяқтаңыз аяқтаңдар аяқтап аяқтай соңғы_қадам бір_қадам
    """,
    "last_step": """
        бір_ақ tek_bir_tık tek_tık just_one_click one_click_away one_click_left
        one_last one_more_step one_quick one_step last_step final_step almost_done almost_there nearly_there
        остал_один остался_последн один_шаг последн_шаг почти_готов почти_все один_клик
        son_adım son_bir tek_adım bir_adım az_kaldı neredeyse_bitt neredeyse_hazır
        соңғы_қадам бір_қадам қадам_қал қадам_ғана
    """,
    "account": """
        account membership profile
        аккаунт акаунт учетн_запис учётк профил личн_кабинет ваш_кабинет абонемент
        hesap hesab üyelik üyeliğ profil
        тіркелгі есептік_жаз есепт_жаз есеп_жаз жеке_кабинет кабинетіңіз профайл тіркеулік тіркелім парақшаңыз
        парақша_аш жеке_парақша
    """,
    "email": """
        email mailbox inbox mail_address your_address this_address
        почт имейл электронн_адрес мейл ваш_адрес этот_адрес мой_адрес
        eposta elektronik_posta mail adresinizi adresimi adresinin =adresin =adresiniz bu_adres
        пошта поштаң электрондық_адрес электрондық_мекен мекенжайыңызды менің_мекенжай осы_мекенжай осы_адрес
        бұл_мекенжай
    """,
    "yours": """
        is_yours belongs_to_you is_really_yours really_you_s address_is_your
        принадлежит_вам принадлежит_именно это_ваш именно_ваш
        size_ait sana_ait sizin_olduğ senin_olduğ
        =сіздікі сенікі сізге_тиесілі
    """,
    "code": """
        =code =codes passcode =pin =otp onetime_password one_time
        =код =кода =коды =кодом =коду код одноразов пин_код
        =kod kodu kodla tek_kullanım
        коды кодын кодты кодың кодпен бір_рет
    """,
    "register": """
        regist sign_up signup signing_up create_account create_your create_an_account creating_your set_up_your
        setting_up_your new_account
        регистр зарегистр зарегестр создани_учет создани_аккаунт создани_профил создать_аккаунт создать_учет нов_аккаунт
        kayıt kaydı kaydol kaydın =üye_ol üyelik üyeliğ hesap_oluştur hesabınızı_oluştur hesabını_oluştur hesap_aç
        yeni_hesab
        тіркелу тіркелд тіркелген тіркелме тіркелсе тіркелің тіркеліп тіркелет тіркеуд тіркеуі тіркеуге =тіркеу
        тіркеді тіркеп тіркеңіз аккаунт_аш аккаунт_жаса жаңа_аккаунт жаңа_тіркелгі
    """,
    "registered": """
        registered registering signed_up signing_up you_joined joining registration_complete registration_successful
        thanks_for_joining your_registration successfully_registered created_account creating_an_account
        creating_account
        creating_your subscribed added_to_our added_you_to_our
        added_you_to_the_list on_the_list on_the_waitlist on_our_list on_the_waiting
        you_re_registered now_registered you_are_registered account_created now_have_access
        user_was_created
        user_has_been_created
        user_created ve_joined ve_signed ve_registered ve_subscribed
        account_is_ready account_is_active account_is_now account_is_all dashboard_is_ready access_granted
        access_approved access_has_been_approved access_has_been_granted now_a_member have_joined thanks_for_subscribing
        subscription_confirmed subscription_has_been_confirmed
        зарегистрировали ты_зарегистрировал зарегистрирован зарегестрирован регистрировали ваша_регистрац вашу_регистрац
        вашей_регистрац за_регистрац
        регистрац_прош регистрац_заверш регистрац_успешн успешн_регистрац успешн_зарегистр прошли_регистрац
        зарегистрировать_вас зарегистрировать_ваше создание_учетн создание_аккаунт за_подписк подписка_подтвержд
        подписка_активир подписка_оформлен вы_подписались вы_подписаны добавлен_в_рассыл добавлен_в_список
        кабинет_готов аккаунт_готов запись_готова теперь_участник вы_участник вы_стали_участник вы_стали_член
        подписались_на присоединились присоединился присоединились_к присоединение_к вы_в_списке вступили_в
        регистрация_подтвержд регистрации_подтвержд созданием_аккаунт созданием_учет аккаунт_создан вас_зарегистр
        теперь_у_вас_есть анкета_принят пользователь_создан пользователь_был_создан =открыт_доступ доступ_=открыт
        =предоставлен_доступ доступ_предоставлен с_регистрац доступ_к_порталу_=открыт доступ_к_платформе_=открыт
        доступ_к_системе_=открыт доступ_к_сайту_=открыт доступ_к_сервису_=открыт
        kaydoldun kaydolduğun kaydolmuş kayıt_oldun kayıt_olund kayıt_olduğun kayıt_yap kaydınız kaydını =üye_oldun
        üyelik_iş kayıt_işlem kayıtlı
        kaydedildin kayıt_tamam kaydettik =kaydınız =üye_olduğ aboneliğiniz_onayl aboneliğiniz_başla
        abone_oldunuz bültenimize_eklen
        abone_olduğ hesap_oluşturduğ hesabınızı_oluşturduğ hesabınız_hazır üyesi_oldunuz üyemizsiniz artık_üye
        =katıldın =katıldınız aramıza_katıldı aramıza_katılım bize_katıld kaydın_tamam kaydınız_tamam
        üyeliğiniz_onay üyeliğiniz_aktif
        üyeliğiniz_başla katıldığın hesap_açtığ hesabınızı_açtığ hesabınız_aç hesabın_hazır portalınız_hazır
        listeye_eklen kullanıcı_oluşturuldu erişiminiz_açıl erişiminiz_tanım
        тіркелдің тіркелген тіркелуіңіз тіркеліп тіркеуіңіз тіркеу_аяқтал тіркеуден_өтті сәтті_тіркел
        жазылым_раста жазылымыңыз_раста таратылымға_қос жазылдыңыз жазылғаныңыз аккаунт_ашты аккаунт_ашқан
        кабинетіңіз_дайын аккаунтыңыз_дайын тіркелгіңіз_дайын жазбаңыз_дайын мүшесісіз мүшеміз мүше_болды
        қосылғаныңыз қосылғаның қосылдыңыз тіркелгенің тізімге_қос тізіміне_қос аккаунт_дайын тіркелгі_дайын
        аккаунт_жасалды жүйеге_қосыл пайдаланушы_жасалды қолданушы_жасалды парақша_аш кабинетіңіз_ашыл
        парақшаңыз_ашыл орын_ашыл қолжетімділік_ашыл сізге_ашыл сізді_тірке тіркедік
    """,
    "into_account": """
        to_your_account to_your_profile
        в_ваш_аккаунт на_ваш_аккаунт к_вашему_аккаунт вашему_аккаунту в_ваш_профил к_вашему_профил
        hesabınıza hesabına profilinize profiline üyeliğinize üyeliğine
        аккаунтыңызға аккаунтыңа профиліңізге жазбаңызға тіркелгіңізге кабинетіңізге
    """,
    "created": """
        created opened set_up issued
        создал создан оформил открыл открыт заведен выдан
        oluşturdu oluşturul oluşturmu açtın açıld tanımland
        берілді жасады жасалды жасаған құрды құрылды ашты ашылды ашылған жасалған жасадық құрдық аштық =тіркелді
    """,
    "approved": """
        approved activated verified =active accepted
        =принята =приняты =принят одобрил =одобрен =одобрена =одобрено активирован =подтвержден =подтверждена
        =подтверждено
        =активен =активна
        onayladı onaylandı onaylanmış etkinleştirildi aktifleştirildi aktif_edildi doğrulandı =aktif kabul_edildi
        мақұлдады мақұлданды белсендірілді расталды іске_қосылды =белсенді =қабылданды
    """,
    "welcome": """
        =welcome =welcomes =welcomed
        добро_пожалов рады_приветств приветств рады_видеть
        hoş_gel =hoşgeldin =hoşgeldiniz =hoşgeldik =hoşgelmiş aramıza ailemize
        қош_кел қошкел қарсы_аламыз қатарымызға көргенімізге_қуан
    """,
    "bonus": """
        welcome_discount welcome_offer welcome_coupon welcome_gift welcome_bonus welcome_code
        приветственн_скидк приветственн_бонус приветственн_промокод приветственн_подар
        hoş_geldin_indirim hoşgeldin_indirim hoş_geldin_kupon hoş_geldin_hediye hoş_geldin_bonus
        қош_келдің_жеңілдіг
    """,
    "arrived": """
        to_have_you glad_you_re glad_you_are happy_you_re on_board aboard you_re_in you_are_in
        get_you_started let_s_get_started getting_started_with get_started_with all_set journey_start journey_begin
        journey_with adventure_start adventure_begin
        рады_что_вы рады_что_ты вы_с_нами ты_с_нами теперь_с_нами здорово_что_вы давайте_начн путь_начина
        путешестви_начина
        приключени_начина знакомство_с первые_шаги_в
        yolculuğ_başl macera_başl aramızda iyi_ki_geldi =başlayalım listedesin
        саяхат_баст сапар_баст бастайық бізбен_бірге қосылғаныңызға_қуан
    """,
    "begin": """
        get_started getting_started started_with start_exploring start_using start_your start_learning start_here
        start_now start_shopping start_by explore first_step next_step what_s_next dive_in jump_in journey adventure
        =first to_begin ready_to quick_tour you_can_now full_access all_the_features all_features
        начать начните начнем =первый =первую =первое =первые ваш_путь приключен приступить приступайте вас_ждет
        вам_доступн
        теперь_вы_можете теперь_вам все_готово всеми_функци всеми_возможност все_возможност полный_доступ
        başla keşfet =ilk yolculuğ macera hazırsın tüm_özellik artık_giriş
        бастау бастаңыз бастай баста алғашқы саяхат барлық_мүмкіндік мүмкіндіктер зертте танысың пайдалана_ал
        енді_сіз
    """,
    "deed": """
        =vote =votes your_vote голос голоса =oy =oyu oyunuz дауыс дауысыңыз action_perform
        action_on_your requires_verification
        your_identity sensitive_action consent transaction
        withdraw transfer operation authorize authorization admin_panel admin_access
        payout
        deletion sign_document
        signing_document contract agreement appeal it_s_you really_you
        your_signature security_info authorship you_are_an_author survey questionnaire attendance
        вашу_подпись подпись_под авторств опрос анкету сведения_безопасн присутстви посещени
        imzanızı yazarlığ yazarı_olduğ anket güvenlik_bilgi katılımınızı yoklama
        қолтаңба авторлығ сауалнама қауіпсіздік_мәлімет қатысуыңыз
        =личность =личности согласи операци транзакц перевод вывод удалени подписани_документ подписани_договор
        доступа_администр апелляц
        что_это_вы это_действительно_вы
        kimliğiniz kimliğini_doğrula işleminiz işlem_onay =eft itiraz siz_olduğunuz onam rıza havale para_çekme
        yetkili_eriş erişim_kod
        erişim_doğrul silme sözleşme
        жеке_бас келісім аударым операц рұқсат қол_қою жою шартқа =сіз_екен
    """,
    "hired": """
        been_selected selected_to_join join_our_team joining_the_team joining_our_team offering_to
        volunteering job_offer offer_you_the first_day your_contract your_employment
        на_работу на_должност трудоустро первый_рабоч
        işe_alın işe_başla işe_kabul ilk_iş_gün
        жұмысқа_қабыл жұмысқа_алын жұмысқа_шығ
    """,
    "colleagues": """
        dear_all dear_both colleague
        коллег
        meslektaş arkadaşlar hocalar hocam
        әріптес
    """,
    "receive": """
        receiving_this received_this receive_this registered_email registered_mobile registered_phone get_this
        getting_this was_sent_to
        получили_это получаете_это получили_данное пришло_вам вы_получили вы_получаете
        almaktasınız alıyorsunuz aldınız gönderilmiştir
        хатты_ал алып_отыр хат_сізге
    """,
    "for_you": """
        for_you this_email your_email your_account your_registration your_username your_new_account
        для_вас этот_адрес этим_адрес вашим_адрес вам_создан ваш_аккаунт ваша_учетн вашу_учетн вашей_учетн
        ваша_регистр
        ваш_профил ваш_логин
        bu_eposta eposta_adresiniz sizin_için adınıza hesabınız üyeliğiniz kaydınız
        осы_пошта осы_электрон поштаңыз сіз_үшін =сізге аккаунтыңыз тіркелгіңіз жазбаңыз тіркелуіңіз
    """,
    "make": """
        creat =made =applying
        создава создан заводил открыва
        oluştur açmad
        жаса ашпа құрма
    """,
    "thank": """
        thank
        спасиб благодар
        teşekkür sağol
        рахмет рақмет алғыс ризашылық
    """,
    "ignore": """
        ignor disregard no_action no_further delete_this
        проигнорир игнорир не_обращ не_предприним никаких_действ просто_удал удалите_это
        dikkate_alma yok_say görmezden önemseme gözardı göz_ardı işlem_yap
        елеме мән_берме назар_аударма ескерме ештеңе_істе әрекет_қажет елемей
    """,
    "not": """
        =not =don =didn =isn =wasn =haven =never =t someone mistake in_error
        =не =нет кто_то ошибк
        değil almad yapmad olmad etmed istemed oluşturmad kaydolmad birisi yanlışlık sehven
        емес болмаса тіркелмеген тіркелмесе жасамаған жасамаса сұрамаған сұрамаса жібермесе біреу қате қателес
    """,
    "if": """
        =if
        =если
        eğer =ise
        егер болса
    """,
    "subscribe": """
        subscri subcri newsletter mailing_list mail_list opt_in optin mailings like_to_receive want_to_receive
        wish_to_receive start_receiving start_getting begin_receiving receiving_our sign_me_up
        подписк подпишит подписать подписал подписыв подписаны подписчик рассыл хотите_получать желаете_получать
        начать_получать получать_наши
        abone bülten almaya_başla
        жазыл жаңалықтар_тарат таратыл хабарландыру_тарат
    """,
    "click": """
        click press_the =tap tapping follow_the following_link link button visit_the use_the_link
        нажм щелк щёлк кликн перейд пройд ссылк кнопк
        tıkla bağlantı düğme buton
        басың басу сілтеме батырма түйме өтіңіз нұқы шерт
    """,
    "expires": """
        expir valid_for valid_until within minutes hours
        истека истеч действител срок_действ в_течение
        geçerli süresi_dol sona_er içinde dakika
        жарамды мерзім ішінде минут
    """,
    "username": """
        username user_name userid user_id login_id student_id member_id membership_number membership_id login_name
        your_login nickname
        имя_пользоват имени_пользоват логин
        kullanıcı_ad giriş_ismi giriş_adı
        пайдаланушы_аты қолданушы_аты
    """,
    "password": """
        password passwd
        парол
        şifre parola
        құпия_сөз құпиясөз пароль
    """,
    "reset": """
        reset forgot forgotten recover =restore =restored restoring
        сброс восстан забыл
        sıfırla unuttu kurtar yenile
        қалпына ұмыт қайта_орнат
    """,
    "changed": """
        chang updat modif
        измен смен обновл
        değiş güncel
        өзгер жаңарт ауыстыр
    """,
    "credentials": """
        login_details login_information login_info login_credentials your_credentials account_details
        account_information access_details your_login
        sign_in_details username_and_password
        данные_для_входа данные_для_доступа данные_доступа следующие_данные параметры_вашей_учет параметры_учет
        данные_учетн регистрационн_информац регистрационн_данн учетн_данн
        логин_и_парол данные_для_авториз реквизиты_доступ
        giriş_bilgi kayıt_bilgi hesap_bilgi hesabınızın_bilgi üyelik_bilgi kullanıcı_bilgi oturum_bilgi
        кіру_дерек кіру_мәлімет тіркелгі_мәлімет тіркелгі_дерек логин_мен_құпия логин_және_құпия есептік_дерек
        аккаунт_мәлімет аккаунт_дерек
    """,
    "first_password": """
        set_your_password set_a_password set_up_your_password choose_a_password choose_your_password
        create_a_password create_your_password pick_a_password
        установить_парол установите_парол задать_парол задайте_парол придумайте_парол создайте_парол создать_парол
        выберите_парол
        parolanızı_ayarla parolanızı_belirle şifrenizi_belirle şifrenizi_oluştur parolanızı_oluştur parola_belirle
        şifre_belirle şifre_oluştur parola_oluştur şifrenizi_ayarla
        құпия_сөз_орнат құпиясөз_орнат құпиясөзіңізді_орнат құпия_сөзіңізді_орнат құпия_сөз_ойлап құпиясөз_ойлап
        парольді_орнат пароль_орнат парольіңізді_орнат
    """,
    "offer": """
        first_login first_time you_can you_may you_will you_could can_also able_to allows_you
        after_logging after_you_log after_signing
        при_первом первом_входе после_входа после_первого можете сможете можно позволит
        ilk_giriş girişten_sonra yaptıktan_sonra değiştirebil güncelleyebil yönetebil görebil sıfırlayabil
        düzenleyebil
        алғаш_кір бірінші_рет кіргеннен_кейін аласыз болады мүмкіндік
    """,
    "happens": """
        takes_place take_place we_meet will_meet will_be_held is_held starts_at begins_on starts_on add_to_calendar
        calendar your_ticket
        join_from meeting_id check_in agenda exhibitor =badge entrance date_and_time save_the_date see_you_at
        состоится встречаемся ждем_вас пройдет проводится начало_в начнется дата_проведен место_проведен дата_и_время
        добавить_в_календ
        актовый_зал регламент повестк бейдж
        yapılacaktır gerçekleşecek düzenlenecek başlayacak takvime_ekle biletiniz bilet_numara salonu gündem fuar
        өтеді өткізіледі басталады мекенжайда_күт күнтізбеге аудитория күн_тәртібі =билет билетіңіз
    """,
    "new_address": """
        new_email_address new_address confirm_new_email verify_new_email your_new_email your_email_update email_change
        change_your_email changing_your_email
        changed_your_email update_your_email added_the_email add_this_email attach_this_email
        новый_адрес нового_адрес новый_электрон нового_электрон новый_email новую_почт новой_почт обновление_email
        обновление_адрес смену_адрес смены_адрес смену_email изменение_адрес изменить_адрес сменить_адрес
        изменение_email привязать_этот
        yeni_eposta_adres eposta_güncellemeni eposta_adresini_değiş adresini_değiş adresinizi_değiş adresi_değiş
        жаңа_электрон жаңа_пошта жаңа_почта жаңа_поштамекен жаңа_email_мекен жаңа_мекенжай мекенжайын_өзгерт
        мекенжайды_өзгерт мекенжайымен_жаңарт мекенжайды_аккаунт мекенжайды_тіркелгі
    """,
    "alert": """
        access_token api_key oauth in_danger revoke токен oauth отзов отозв в_опасност erişim_anahtar
        =api token iptal_ed
        device attempt suspicious unusual detected unrecogni locat
        устройств попытк подозрит необычн обнаруж
        oturum_açıl oturum_açma cihaz deneme denem şüpheli tespit algıla
        құрылғы әрекет күдікті анықтал
    """,
    "signin": """
        sign_in =signin =signins log_in logged_in signed_in login two_factor twofactor =2fa authenticator
        second_factor
        authentication
        вход войти вошли авториз аутентифик двухфактор двухэтап
        giriş oturum iki_faktör iki_adım iki_aşama kimlik_doğrulama
        кіру кірді екі_фактор екі_саты
    """,
    "event": """
        seminar webinar conference workshop symposium congress lecture abstract participant speaker deadline venue
        attend =event =events tournament championship league course training meetup summit hackathon expo contest
        olympiad forum_2 delegate your_ticket entry_ticket entry_pass
        your_badge the_entrance
        семинар вебинар конференц мероприят симпозиум конгресс лекц тезис участник доклад спикер олимпиад
        саммит хакатон турнир чемпионат экспо форум_2 конкурс на_курс экзамен тестировани
        входн_билет пригласительн_билет
        seminer konferans sempozyum kongre çalıştay =bildiri bildiriniz bildirileri katılımcı etkinlik
        konuşmacı söyleşi eğitim zirve =fuar fuarı yarışma olimpiyat
        turnuva şampiyona ders_kayd kurs_kayd kursa_kay sınav giriş_bilet
        дәріс қатысушы баяндама іс_шара шара
        байқау жарыс сайыс шайқас курсына курсқа емтихан тестілеу
    """,
    "trade": """
        gift =order =orders invoice payment receipt deliver shipment shipped purchas refund billing renewal trial
        price
        booking reservation credit charged
        подар заказ счет_на оплат платеж =чек =чека =чеки доставк покупк возврат тариф продлен брониров списан
        hediye sipariş fatura ödeme teslimat kargo iade yenileme rezervasyon randevu satın =ücret =ücreti =ücretiniz
        сыйла тапсырыс төлем шот жеткізілді жеткізіліп жеткізілім жеткізуш курьер сатып_ал қайтар бронь брондау
        брондал
    """,
    "social": """
        new_thread new_topic started_a_new новая_тема нов_сообщени новый_ответ yeni_yanıt yeni_cevap жаңа_жауап
        yeni_konu жаңа_тақырып
        comment mention replied new_reply reply_to_your reply_from liked followed follower following_you
        follow_request
        shared posted answered reaction messaged quoted boosted favo friend assigned pull_request merge_request
        назначил назначен репозитор комментар упомян ответил ответ_на понравил подписался поделил сообщени_=от
        atadı yorum bahset yanıtladı yanıt_verdi cevapladı cevap_verdi cevap_yaz beğen sizi_takip takipçi takip_etmeye
        takip_isteğ paylaştı paylaşıl yeni_mesaj özel_mesaj mesaj_gönderdi mesajınız_var
        тағайында пікір жауап_берді жауап_жаз жауап_қалдыр ұнат атап_өт бөлісті хабарлама_жазды
    """,
    "ticket": """
        ticket helpdesk =case
        тикет заявк обращени
        destek_talep talebiniz bilet
        өтінім
    """,
    "paper": """
        document =file =files folder application =request complaint enquiry inquiry patent
        документ файл папк заявк заявлени обращени жалоб исх канцеляр патент
        evrak dosya klasör dilekçe başvuru talebiniz şikayet belgeniz arıza
        құжат қалта өтініш өтінім арыз шағым кеңсе
    """,
    "registered_it": """
        has_been_registered have_been_registered was_registered is_registered is_now_registered were_registered
        was_recorded has_been_recorded
        =зарегистрирован =зарегистрирована =зарегистрировано
        kaydedildi kaydedilmiş kayda_al kayıt_altına
        =тіркелді
    """,
    "you": """
        =you =вы =siz =sizi =sen =seni =сіз =сізді
    """,
    "sign_in_now": """
        can_now_sign can_now_log may_now_sign may_now_log now_able_to_sign now_able_to_log now_sign_in now_log_in
        теперь_можно_войти теперь_вы_можете_войти теперь_можете_войти теперь_вы_можете_вход теперь_можно_вход
        artık_giriş artık_siteye_giriş artık_oturum artık_sisteme_giriş artık_hesabınıza_giriş
        енді_кіре енді_сайтқа_кіре енді_жүйеге_кіре енді_сіз_кіре енді_аккаунт енді_порталға_кіре
    """,
    "thing": """
        domain contract flight vehicle =car device product licen warranty trademark =company property =alert =alerts
        payment answers response review =claim invention dataset =doi sample parcel certificate search hardware
        equipment =asset =assets
        домен договор рейс автомобил транспортн устройств лицензи товарн_знак гаранти компани недвижим оповещени
        ответы
        отзыв изобретени набор_данных образец посылк сертификат оборудован
        alan_ad sözleşme uçuş araç aracınız cihaz ürün lisans garanti marka şirket mülk uyarı yanıtlar yanıtınız
        cevaplar
        cevabınız inceleme patent veri_set numune sertifika donanım
        домен шарт рейс көлік құрылғы лицензия кепілдік тауар_белгі компания мүлік жауаптарың жауабың пікіріңіз
        өнертабыс
        үлгі сертификат жабдық
    """,
    "ends": """
        expires_soon will_expire about_to_expire expires_on expires_in expiring has_expired renew renewal runs_out
        will_end ends_on
        истекает заканчивается истек_срок срок_подписк продли продлен
        süresi_dol süreniz_dol sona_er yenile süresinin_dol
        аяқталады мерзімі_бітед мерзімі_аяқтал ұзарт
    """,
    "billed": """
        invoice next_billing billing_date next_payment
        =счет =счета
        fatura sonraki_ödeme
        =шот төлем_шот
    """,
    "refused": """
        not_be_verified not_be_approved not_be_accepted unable_to_approve unable_to_verify not_approved
        rejected declined
        отклонен отказано не_одобрен не_подтвержд не_удалось_подтвер
        reddedil kabul_edilemem onaylanamad onaylanmamış doğrulanamad
        қабылданбады мақұлданбады расталмады
    """,
    "mine": """
        i_registered i_have_registered i_signed i_created i_cannot i_can_t i_could_not i_couldn_t i_tried
        i_did_not_get i_didn_t_get
        я_зарегистр я_не_могу я_не_смог я_созда я_не_получ у_меня_не не_могу
        kayıt_oldum kaydoldum üye_oldum giremiyorum yapamıyorum alamadım olamadım olamıyorum
        тіркелдім тіркеле_алма кіре_алмай ала_алмай
    """,
    "invite": """
        invited invites inviting invite_you invitation
        приглаша приглашен приглашени
        davet_et davet_ed =davet davetli katılmaya_davet
        шақырды шақыра шақырып шақырылды шақыру_хат шақырту
    """,
    "locked": """
        locked unlock suspend restrict blocked banned deactivat inactive disabled
        разблок заблок приостан деактив отключен
        kilit askıya engel devre_dışı
        құлып бұғат тоқтат өшіріл
    """,
    "deleted": """
        delet erase erasure removed anonymi cancellation cancelled canceled
        удален удаля удалил анонимиз =отменена
        silin silme silme_işlem anonim iptal
        =жою жойыл өшірілді
    """,
    "journal": """
        manuscript submission reviewer article editorial revision copyedit
        рукопис рецен статья статьи статью редакц редколлег
        makale hakem editör yayın
        мақала қолжазба
    """,
    "other_person": """
        new_user new_member has_registered has_signed user_registered pending_approval awaiting_approval
        moderator_approval
        owned_by details_of_this following_student following_employee following_person
        новый_пользоват новая_регистрац новый_участник зарегистрировался_новый пользователь_зарегистрировался
        зарегистрировался_пользователь ожидает_одобр ожидает_подтверж
        принадлежащ этого_пользоват данного_пользоват запись_пользователя аккаунт_пользователя
        =kaydoldu =üye_=oldu =kayıt_=oldu yeni_kullanıcı yeni_üye onay_bekle onayınızı_bekl kullanıcıya_ait
        қолданушы_=тіркелді пайдаланушы_=тіркелді жаңа_пайдаланушы жаңа_қолданушы жаңа_мүше пайдаланушыға_тиесілі
    """,
    "digest": """
        digest weekly daily_summary unread latest_news roundup latest_issue new_issue this_issue in_this
        дайджест еженедел ежедневн выпуск непрочит
        özet haftalık =sayı yeni_sayı sayımız
        апталық күнделікті
    """,
    "on_record": """
        saved_search saved_item registered_user registered_member registered_reader
        сохраненн_поиск сохраненному_поиск зарегистрированным_польз зарегистрированных_польз зарегистрированные_польз
        kayıtlı_ara kayıtlı_ilan kayıtlı_ürün kayıtlı_kullan kayıtlı_üye kayıtlı_okur
        сақталған_ізде тіркелген_қолданушылар тіркелген_пайдаланушылар
    """,
    "export": """
        archive export backup download_your
        архив экспорт резервн выгрузк
        arşiv yedek dışa_aktar
        мұрағат сақтық
    """,
}

_LITTLE = """
    a an all at by can for from get has have in is it not now of on our re s so the to up us ve we you
    в вам вас вот вы для и из к на с ты у это
    bir son tek siz ve
    бір сіз мен үшін
"""
"""Little words, which in a phrase stand for themselves and not for all that begins with them."""


def _phrase(written: str) -> str:
    words = written.split("_")
    little = _LITTLE.split() if len(words) > 1 else ()
    return " ".join(f"={word}" if word in little else word for word in words)


LEXICON = Lexicon({name: [_phrase(stem) for stem in stems.split()] for name, stems in _MEANINGS.items()})
